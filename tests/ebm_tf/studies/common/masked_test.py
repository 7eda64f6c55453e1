"""One coordinate given the other, of densities whose conditional is known."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import OpenSpace
from ebm_tf.sampling.chain_batches import ChainBatches, Target
from ebm_tf.sampling.samplers.hmc import HmcSampler
from ebm_tf.sampling.samplers.recovery import RecoverySampler
from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler
from ebm_tf.studies.common import masked
from ebm_tf.studies.common.masked import MaskedEnergy
from tests.ebm_tf import noised_mixture
from tests.ebm_tf.studies import known


def _half_given(sampler, energy_fn, num, known_part):
    """Returns the unknown coordinate of chains, of states of two, the first known."""
    state = tf.fill([num, 2], known_part)
    noise = rng.normal(rng.make_seed(5), [num, 2])
    half = MaskedEnergy(energy_fn, state, tf.constant([False, True]), noise)
    space = OpenSpace(mean=0.0, std=1.0)
    target = Target(half, sampler.kernel_at(space))
    chains = ChainBatches(
        lambda _: target, space, shape=(num, 2), seed=rng.make_seed(2), jit=False
    )
    *_, last = chains.batch(0, None, [sampler.num_steps])
    return last.x.numpy()[:, 1]


def test_metropolis_chains_have_mean_and_spread_of_the_conditional_density():
    def energy(x):  # a normal density with correlation 0.8
        a, b = x[:, 0], x[:, 1]
        return (a * a + b * b - 1.6 * a * b) / (2.0 * 0.36)

    sampler = HmcSampler(num_steps=30, num_leapfrog=5, step_size=0.3, temperature=1.0)
    values = _half_given(sampler, energy, 4000, 1.5)
    # Five standard errors: 0.6 / sqrt(4000) of the mean, 0.6 / sqrt(8000) of the std.
    assert values.mean() == pytest.approx(0.8 * 1.5, abs=0.048)
    assert values.std() == pytest.approx(0.6, abs=0.034)


def test_corrections_at_each_level_make_the_unknown_go_with_the_known():
    # Two modes at (1, 1) and (-1, -1): given the first coordinate the second is known.
    mixture = noised_mixture.NoisedMixture(
        [[1.0, 1.0], [-1.0, -1.0]],
        np.full([2, 2], 0.3),
        [0.5, 0.5],
        known.NoiseLevel(0.05, 5.0),
    )
    share = []
    for corrections in (0, 8):
        sampler = ReverseDiffusionSampler(
            num_steps=25, corrections=corrections, correction_size=0.7
        )
        share.append(np.mean(_half_given(sampler, mixture, 1000, 1.0) > 0.0))
    # Exactly 1 - exp(-22). A standard error is at most 0.016.
    assert share[1] > 0.9 and share[1] > share[0]


def test_samplers_get_the_corrections_that_they_know():
    levels = ReverseDiffusionSampler(num_steps=9, start_level=0.1)
    changed = masked.sampler_of_unknown(levels, 4, 0.3)
    assert (changed.start_level, changed.corrections) == (None, 4)
    assert changed.correction_size == 0.3 and changed.num_steps == 9
    recovery = RecoverySampler(num_steps=9, steps_per_level=2, step_size=0.5)
    assert masked.sampler_of_unknown(recovery, 4, 0.3) == recovery
    assert masked.sampler_of_unknown(known.QUIET, 4, 0.3) is known.QUIET
