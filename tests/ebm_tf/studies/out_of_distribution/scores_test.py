"""Scores of a parabola at noise levels, each a formula."""

import numpy as np
import pytest

from ebm_tf import rng
from ebm_tf.studies.common import energies
from ebm_tf.studies.out_of_distribution import scores
from tests.ebm_tf.studies import known


def test_energies_over_levels_tell_what_one_level_cannot(tmp_path):
    centre = np.full([1, 4], 0.5, np.float32)
    random = np.random.default_rng(1)

    def made(name):
        x = 0.5 + 0.1 * random.normal(size=[200, *known.SHAPE])
        return np.clip(x, 0.0, 1.0).astype(np.float32), np.zeros(200, np.int32)

    model = known.energy(centre, width=0.1, levels=known.LEVELS)
    subject = known.subject(model, examples=known.examples(tmp_path, made=made))
    own = [subject.examples[n].gather(np.arange(200))[0] for n in ("train", "test")]
    scorer = scores.Scores(subject, own[0], 0.5, 4, rng.make_seed(1))
    assert scorer.names == ("energy", "typicality", "slope", "levels")
    found = scorer.of(own[1], 1)
    gap = (own[1] - 0.5).reshape(200, 4)
    # At a level of 0.5 the variance is 0.26.
    energy = np.square(gap).sum(axis=1) / 0.52 + 2.0 * np.log(0.26)
    np.testing.assert_allclose(found[:, 0], energy, rtol=1e-4)
    slope = np.linalg.norm(gap, axis=1) / 0.26
    np.testing.assert_allclose(found[:, 2], slope, rtol=1e-4)
    train = (own[0] - 0.5).reshape(200, 4)
    mean = np.square(train).sum(axis=1).mean() / 0.52 + 2.0 * np.log(0.26)
    np.testing.assert_allclose(found[:, 1], np.abs(energy - mean), atol=1e-4)
    # Of 200 test images like those of training the squares have the mean 4.
    assert np.square(found[:, 3]).mean() == pytest.approx(4.0, abs=1.0)
    # Uniform noise is three times as far from the centre.
    far = scorer.of(np.random.default_rng(3).random([200, 2, 2, 1], np.float32), 2)
    assert np.median(far[:, 3]) > np.quantile(found[:, 3], 0.9)
    with pytest.raises(ValueError, match="`level` must be one of the energy's noise"):
        energies.require_level(model.condition_space, 5.0)
