"""The walk down the levels of a Gaussian, whose end is known."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import UNIT, OpenSpace
from ebm_tf.condition_kinds import NoiseLevel
from ebm_tf.sampling.driver import run_chain
from ebm_tf.sampling.samplers.recovery import RecoverySampler
from tests.ebm_tf.noised_mixture import NoisedMixture

LEVELS = NoiseLevel(0.2, 3.0)
SPACE = OpenSpace(mean=0.0, std=1.0)
NORMAL = NoisedMixture([[0.6, -0.3]], [[0.5, 0.4]], [1.0], LEVELS)
SAMPLER = RecoverySampler(num_steps=8, steps_per_level=60, step_size=0.4)
NUM = 3000


def run(sampler, x, space=SPACE, total=None):
    kernel_at = sampler.kernel_at(space)

    @tf.function(autograph=False)
    def chain(x, seed):
        steps = total or sampler.num_steps
        return run_chain(kernel_at, NORMAL, x, seed, num_steps=steps).x

    return chain(x, rng.make_seed(0)).numpy()


def test_the_walk_ends_with_the_density_of_the_lowest_level():
    x = run(SAMPLER, tf.fill([NUM, 2], 9.0))  # wherever it was started
    variance = NORMAL.stds[0] ** 2 + LEVELS.low**2
    error = 4 * np.sqrt(variance / NUM)
    np.testing.assert_array_less(np.abs(x.mean(axis=0) - NORMAL.means[0]), error)
    # By hand, level by level as in `tethered_test`, chains end 3 and 5 % too narrow.
    ratio = x.var(axis=0) / variance
    np.testing.assert_allclose(ratio, 1.0, atol=0.1 + 4 * np.sqrt(2 / NUM))


def test_the_end_is_in_the_box_and_is_the_end():
    few, x = dataclasses.replace(SAMPLER, steps_per_level=1), tf.fill([8, 2], 0.5)
    ends = run(few, x, UNIT)
    assert ends.min() >= 0.0 and ends.max() <= 1.0
    np.testing.assert_array_equal(ends, run(few, x, UNIT, total=9))


def test_an_energy_without_levels_is_refused():
    kernel = SAMPLER.kernel_at(SPACE)(tf.constant(0))
    with pytest.raises(ValueError, match="`sampler.kind` must be"):
        kernel(lambda x: tf.reduce_sum(x, axis=1), tf.zeros([2, 2]), rng.make_seed(0))
    with pytest.raises(ValueError, match="`sampler.kind` must be"):
        SAMPLER.require_energy(None, None)


@pytest.mark.parametrize("name", ["num_steps", "steps_per_level", "step_size"])
def test_settings_out_of_range_are_refused(name):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(SAMPLER, **{name: 0})
