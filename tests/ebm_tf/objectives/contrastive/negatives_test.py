"""Which sampler runs the chains, and what it reports."""

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.objectives.contrastive.negatives import make_chains
from ebm_tf.sampling.adaptive_hmc import adaptive_hmc_chain
from ebm_tf.sampling.config import AdaptiveHmcConfig
from tests.ebm_tf.training import small

HMC = AdaptiveHmcConfig(
    num_leapfrog=2, step_size=0.01, target_accept=0.7, adapt_rate=0.1
)


def test_hmc_runs_at_the_temperature_of_langevin_and_reports():
    config = small.objective(hmc=HMC)
    energy = small.trainer().energy
    setup = small.setup(energy, small.PIXELS, small.train_config(objective=config))
    seed = rng.make_seed(3)
    start = small.PIXELS.uniform(seed, [4, *small.SHAPE])
    chain = make_chains(config, setup)(start, None, seed, None)
    expected = adaptive_hmc_chain(
        energy,
        start,
        seed,
        HMC,
        small.PIXELS,
        temperature=config.langevin.temperature,
        num_steps=config.langevin.num_steps,
    )
    np.testing.assert_array_equal(chain.x, expected.x)
    np.testing.assert_array_equal(chain.before, expected.x)
    np.testing.assert_array_equal(chain.reports["step_size"], expected.step_size)
    assert (chain.x.numpy() != start.numpy()).any()


def test_an_update_shows_acceptance_and_step_size():
    trained = small.trainer(objective=small.objective(hmc=HMC))
    logs = trained.run_update(*next(small.batches(0, 1)))
    assert 0.0 <= logs["accept_prob"] <= 1.0
    assert 0.0 < logs["step_size"] < 0.1
    assert "accept_prob" not in small.trainer().run_update(*next(small.batches(0, 1)))
    assert tf.reduce_all(tf.math.is_finite(logs["data_energies"]))
