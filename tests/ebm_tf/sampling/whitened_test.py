"""HMC in whitened coordinates leaves the density of the energy as it is."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.sampling import whitened
from tests.ebm_tf.sampling.latent_energies import Shifted

SEED = rng.make_seed(0)
ENERGY = Shifted(1.0)


def mean_after(num_steps, start, **changes):
    x = ENERGY.leave(start)
    settings = {"step_size": 0.6, "num_leapfrog": 3} | changes
    for k in range(num_steps):
        seed = rng.fold_in(SEED, k)
        step = whitened.hmc_step_in_latent(ENERGY, x, seed, **settings)
        x = step.x
    assert 0.5 < np.mean(step.accept_prob) < 1.0
    return ENERGY.enter(x).numpy()


def test_exact_samples_stay_exact():
    start = 1.0 + rng.normal(rng.make_seed(1), (2000, 3))
    z = mean_after(4, start)
    error = 1.0 / np.sqrt(z.size)
    assert 5 * error < 0.1
    assert abs(z.mean() - 1.0) < 5 * error
    assert abs(z.std() - 1.0) < 5 * error


def test_chains_go_from_the_base_to_the_energy():
    z = mean_after(8, rng.normal(rng.make_seed(1), (2000, 3)))
    assert abs(z.mean() - 1.0) < 5 / np.sqrt(z.size)


def test_between_them_lies_the_bridge():
    z = mean_after(8, rng.normal(rng.make_seed(1), (2000, 3)), beta=0.25)
    assert abs(z.mean() - 0.25) < 5 / np.sqrt(z.size)


def test_bridge_ends_at_the_base_and_at_the_energy():
    z = rng.normal(SEED, (5, 3))
    normal = 0.5 * tf.reduce_sum(z * z, axis=1)
    assert np.allclose(whitened.bridge(ENERGY, 0.0)(z), normal)
    assert np.allclose(whitened.bridge(ENERGY, 1.0)(z), ENERGY.latent_energy(z))


def test_energies_without_coordinates_are_refused():
    with pytest.raises(ValueError, match="`sampler` must be for an energy with a base"):
        whitened.require_latent(lambda x: x, "sampler", "whitened_hmc")
    assert not whitened.has_latent(lambda x: x)
    whitened.require_latent(ENERGY, "sampler", "whitened_hmc")
