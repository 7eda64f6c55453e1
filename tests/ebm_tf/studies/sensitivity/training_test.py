"""A row is trained for its updates, and its chains are looked at."""

import numpy as np
import pytest

from ebm_tf.studies.sensitivity import training
from ebm_tf.studies.sensitivity.rows import ROWS
from tests.ebm_tf.studies import known
from tests.ebm_tf.studies.sensitivity import small


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    return known.subject(None, examples=known.examples(folder, made=small.uniform))


def changed(name):
    return ROWS[name].change(small.CONFIG.network, small.CONFIG.objective)


def test_samples_of_a_trained_row_and_of_a_broken_one(subject):
    row = changed("base")
    made = training.train(small.CONFIG, subject, row)
    assert made.diverged is None and np.isfinite(made.gap)
    drawn = training.samples(small.CONFIG, subject, made.energy, row)
    assert drawn.shape == (150, *known.SHAPE) and drawn.std() > 0.0
    broken = [np.full_like(w, np.nan) for w in made.energy.get_weights()]
    made.energy.set_weights(broken)
    assert training.samples(small.CONFIG, subject, made.energy, row) is None
