"""Metropolis-adjusted Langevin steps: their drift, and what is refused."""

import dataclasses
import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.sampling.samplers.mala import MalaSampler

MEAN = tf.constant([0.45, 0.5])
STD = 0.05
SEED = rng.make_seed(7)


def gaussian(x):
    return 0.5 * tf.reduce_sum(tf.square((x - MEAN) / STD), axis=-1)


def test_mala_is_the_langevin_step_at_its_temperature():
    # Far from the walls and with a small step nearly all is accepted, and the mean
    # move is the drift that the settings name.
    config = MalaSampler(num_steps=1, step_size=1e-4, noise_std=1e-3)
    x = tf.fill((40_000, 2), 0.6)
    moved = config.kernel_at(PIXELS)(0)(gaussian, x, SEED)
    drift = -config.step_size * (0.6 - MEAN.numpy()) / STD**2
    error = 5.0 * config.noise_std / math.sqrt(len(x))
    assert np.all(error < 0.01 * np.abs(drift))
    accepted = tf.reduce_any(moved.x != x, axis=1)
    assert float(tf.reduce_mean(tf.cast(accepted, tf.float32))) > 0.9
    got = np.mean((moved.x - x).numpy(), axis=0)
    np.testing.assert_allclose(got, drift, rtol=0.1)
    assert config.temperature == pytest.approx(1e-6 / 2e-4)


@pytest.mark.parametrize(
    "change", [{"noise_std": 0.0}, {"step_size": -1.0}, {"num_steps": 0}]
)
def test_bad_settings_are_named(change):
    (field,) = change
    config = MalaSampler(num_steps=1, step_size=1e-4, noise_std=1e-3)
    with pytest.raises(ValueError, match=f"`{field}` must be"):
        dataclasses.replace(config, **change)
