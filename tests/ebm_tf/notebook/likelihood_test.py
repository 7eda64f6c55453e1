"""Bounds of a density that is known: the base itself, of which nothing is learned."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import box
from ebm_tf.notebook.likelihood import log_likelihood
from tests import small_run
from tests.plugins.bowl import BowlConfig

SPACE = box.Box(low=0.0, high=1.0, num_levels=16)
STIFFNESS = 2.0
SETTINGS = dataclasses.replace(
    small_run.LIKELIHOOD,
    beta=1.0,
    base=dataclasses.replace(small_run.LIKELIHOOD.base, kind="truncated_gaussian"),
    num_temperatures=(30,),
    num_chains=400,
    chains_per_image=8,
    chains_per_batch=400,
)


@pytest.fixture
def energy():
    made = BowlConfig(stiffness=STIFFNESS).make((2,))
    made.center.assign([0.4, 0.6])
    made.space = SPACE
    return made


def levels(num, seed):
    return np.random.default_rng(seed).integers(4, 12, [num, 2]).astype(np.uint8)


def exact(energy, x):
    """The mean log density of the bowl, cut off at the box, by a sum over a grid."""
    axis = (np.arange(400) + 0.5) / 400
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    z = np.mean(np.exp(-energy(tf.constant(points, tf.float32)).numpy()))
    return float(np.mean(-energy(x).numpy())) - np.log(z)


def test_both_sides_meet_at_the_exact_value(energy):
    x, fit = levels(20, 0), levels(60, 1)
    found = log_likelihood(energy, x, fit=fit, settings=SETTINGS)
    row = next(row for row in found["rows"] if row["split"] == "test")
    # Dequantized within a level, which moves the mean by less than 0.02 nats.
    truth = exact(energy, tf.constant((x + 0.5) / 16, tf.float32))
    for side in ("ais", "raise"):
        assert row[side]["point"] == pytest.approx(truth, abs=0.2)
    assert row["raise"]["value"] < truth < row["ais"]["value"]
    assert row["ais"]["text"].startswith("at most ")  # two runs have no interval


def test_what_is_wrong_is_one_line(energy):
    x = levels(4, 0)
    with pytest.raises(ValueError, match="`fit` must be 4 or more"):
        log_likelihood(energy, x, fit=x[:3], settings=SETTINGS)
    with pytest.raises(ValueError, match="`x` must be 2 states or more"):
        log_likelihood(energy, x[:1], fit=x, settings=SETTINGS)
    energy.space = box.UNIT
    with pytest.raises(ValueError, match="`energy` must be of a space whose states"):
        log_likelihood(energy, x, fit=x, settings=SETTINGS)
