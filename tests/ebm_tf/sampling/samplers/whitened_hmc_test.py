"""The sampler in whitened coordinates, annealed from the base or not."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import UNIT
from ebm_tf.sampling.driver import run_chain
from ebm_tf.sampling.samplers.whitened_hmc import WhitenedHmcSampler
from tests.ebm_tf.sampling.latent_energies import Shifted

SEED = rng.make_seed(0)
ENERGY = Shifted(1.0)


def ends(start, **changes):
    settings = {"num_steps": 8, "num_leapfrog": 3, "step_size": 0.6} | changes
    sampler = WhitenedHmcSampler(**settings)
    kernel_at = sampler.kernel_at(UNIT)

    @tf.function(autograph=False)
    def run(x):
        return run_chain(kernel_at, ENERGY, x, SEED, num_steps=sampler.num_steps).x

    return ENERGY.enter(run(ENERGY.leave(start))).numpy()


def test_chains_come_to_the_energy():
    z = ends(rng.normal(SEED, (2000, 3)))
    assert abs(z.mean() - 1.0) < 5 / np.sqrt(z.size) < 0.1


def test_annealed_chains_begin_at_the_base_wherever_they_start():
    start = tf.fill([2000, 3], 6.0)
    z = ends(start, anneal=True)
    other = ends(-start, anneal=True)
    assert abs(z.mean() - 1.0) < 0.2  # the last step alone is at the energy itself
    assert z == pytest.approx(other, abs=1e-4)


@pytest.mark.parametrize(
    "change", [{"num_leapfrog": 0}, {"step_size": 0.0}, {"anneal": 1}]
)
def test_bad_settings_are_refused(change):
    good = {"num_steps": 1, "num_leapfrog": 1, "step_size": 0.1}
    with pytest.raises(ValueError):
        WhitenedHmcSampler(**good | change)


def test_energies_without_a_base_are_refused():
    sampler = WhitenedHmcSampler(num_steps=1, num_leapfrog=1, step_size=0.1)
    kernel = sampler.kernel_at(UNIT)(0)
    with pytest.raises(ValueError, match="`sampler.kind` must be for an energy"):
        kernel(lambda x: x, tf.zeros([1, 3]), SEED)
