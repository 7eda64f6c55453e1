"""Walks on a mixture with noise, and the jump: both are known."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import UNIT, OpenSpace
from ebm_tf.condition_kinds import NoiseLevel
from ebm_tf.sampling.driver import run_chain
from ebm_tf.sampling.samplers.walk_jump import WalkJumpSampler
from tests.ebm_tf.noised_mixture import NoisedMixture

SIGMA, TEMPERATURE, NUM = 1.0, 0.01, 2000
SPACE = OpenSpace(mean=0.0, std=1.0)
MIXTURE = NoisedMixture(
    [[-1.0, 0.0], [1.0, 0.0]],
    [[0.1, 0.1], [0.1, 0.1]],
    [0.25, 0.75],
    NoiseLevel(SIGMA, 2.0),
)


def energy_fn(x):
    """`exp(-E / T)` is the density with noise."""
    return TEMPERATURE * MIXTURE(x)


def sampler(num_steps, **changes):
    fields = {"noise_std": SIGMA, "temperature": TEMPERATURE, "step_size": 0.4}
    return WalkJumpSampler(num_steps=num_steps, **fields | changes)


def run(num_steps, x, box=SPACE, total=None):
    kernel_at = sampler(num_steps).kernel_at(box)

    @tf.function(autograph=False)
    def chain(x, seed):
        total_steps = total or num_steps
        return run_chain(kernel_at, energy_fn, x, seed, num_steps=total_steps).x

    return chain(x, rng.make_seed(0)).numpy()


def test_chains_go_between_modes_and_jump_near_them():
    start = tf.tile(tf.constant([[-1.0, 0.0]]), [NUM, 1])  # all in the rarer mode
    x = run(120, start)
    # The jump is a mean of modes: by hand its first coordinate is the mean of their
    # centres given y, whose own mean is that of the data, 0.5.
    variance = 0.1**2 + SIGMA**2
    assert abs(x[:, 0].mean() - 0.5) < 4 * 0.75 / np.sqrt(NUM) + 0.03
    assert np.all(np.abs(x[:, 1]) < 5 * 0.1**2 / np.sqrt(variance))


def test_the_jump_is_the_mean_of_the_state_without_noise():
    x = tf.constant([[0.3, 0.2], [-2.0, 0.1]])
    kernel = sampler(5).kernel_at(SPACE)(tf.constant(4))
    found = kernel(energy_fn, x, rng.make_seed(0)).x
    variance = 0.1**2 + SIGMA**2
    logs = -0.5 * np.sum((x[:, None] - MIXTURE.means) ** 2, axis=2) / variance
    logs += np.log(MIXTURE.weights)
    share = np.exp(logs - np.logaddexp.reduce(logs, axis=1, keepdims=True))
    part = MIXTURE.means + 0.01 / variance * (x[:, None] - MIXTURE.means)
    wanted = np.sum(share[..., None] * part, axis=1)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_the_jump_ends_in_the_box_and_is_the_end():
    x = tf.fill([8, 2], 0.5)
    ends = run(6, x, UNIT)
    assert ends.min() >= 0.0 and ends.max() <= 1.0
    np.testing.assert_array_equal(ends, run(6, x, UNIT, total=9))


@pytest.mark.parametrize("name", ["noise_std", "temperature", "step_size"])
def test_settings_out_of_range_are_refused(name):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        sampler(5, **{name: 0.0})
