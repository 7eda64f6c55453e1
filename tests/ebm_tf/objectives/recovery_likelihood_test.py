"""Recovery likelihood on Gaussians: each conditional is Gaussian, and known."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import OpenSpace
from ebm_tf.condition_kinds import NoiseLevel
from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.energy.networks.level_mlp import LevelMlpConfig
from ebm_tf.energy.networks.levels import NoisedBaseConfig
from ebm_tf.objectives.contract import Setup
from ebm_tf.objectives.recovery_likelihood import RecoveryLikelihoodConfig
from ebm_tf.training import distribution
from ebm_tf.training.config import OptimizerConfig
from ebm_tf.training.trainer import Trainer
from tests.ebm_tf.training import small

TINY = RecoveryLikelihoodConfig(num_levels=4, num_steps=2, step_size=0.5)
LEVELS = NoiseLevel(0.1, 2.0)
NETWORK = LevelMlpConfig(
    base=NoisedBaseConfig(kind="normal"),
    gate_scale=1.0,
    embedding=16,
    widths=(8,),
    noise_levels=NoiseLevelConfig(low=LEVELS.low, high=LEVELS.high),
)
STD, NUM = 0.5, 512


class _Bowl(keras.Model):
    """E(y, sigma) of a centred normal density of unknown variance, with the noise."""

    condition_space = LEVELS
    state_shape = (2,)
    space = None

    def __init__(self):
        super().__init__(name="energy")
        self.log_variance = self.add_weight(name="log_variance", shape=())
        self.log_variance.assign(1.0)

    def call(self, y, sigma):
        variance = tf.exp(tf.convert_to_tensor(self.log_variance)) + tf.square(sigma)
        return tf.reduce_sum(tf.square(y), axis=1) / (2.0 * variance)


def test_the_variance_becomes_that_of_the_data():
    config = small.train_config(
        num_updates=120,
        batch_size=NUM,
        objective=RecoveryLikelihoodConfig(num_levels=8, num_steps=40, step_size=0.4),
        optimizer=OptimizerConfig(
            learning_rate=0.2,
            final_learning_rate=0.002,
            beta_1=0.5,
            beta_2=0.95,
            epsilon=1e-8,
        ),
    )
    strategy = distribution.make_strategy("one")
    with strategy.scope():
        energy = _Bowl()
    space = OpenSpace(mean=0.0, std=1.0)
    trainer = Trainer(energy, space, config, seed=0, strategy=strategy)

    def batches(first, last):
        for update in range(first, last):
            draw = np.random.default_rng(update)
            x = STD * draw.standard_normal((NUM, 2)).astype(np.float32)
            yield x, np.zeros(NUM, np.int32)

    trainer.fit(batches)
    variance = float(np.exp(energy.log_variance.numpy()))
    # The least of one batch has a relative error of sqrt(1 / 512) for data and as much
    # for chains, twice that where half of the levels say little: some 20 updates whose
    # steps shrink average it to 3 %. It began at 2.7 in place of 0.25.
    assert variance == pytest.approx(STD**2, rel=0.15)


def test_levels_and_noise_are_those_of_the_settings():
    setup = Setup(_Bowl(), OpenSpace(mean=0.0, std=1.0), 4000, 6, lambda fn: fn)
    objective = TINY.make(setup)
    seeds = [tf.constant([n, 0]) for n in range(4)]
    data = tf.zeros([4000, 2])
    batch = objective.prepare(data, None, None, seeds, tf.constant(0))
    levels, counts = np.unique(batch.condition, return_counts=True)
    np.testing.assert_allclose(levels, np.geomspace(2.0, 0.1, 5)[:0:-1], rtol=1e-5)
    assert abs(counts - 1000).max() < 4 * np.sqrt(1000 * 0.75)
    for level, higher in zip(levels, np.geomspace(0.1, 2.0, 5)[1:]):
        rows = np.asarray(batch.condition) == level
        for states, wanted in ((batch.data, level), (batch.start, higher)):
            found = np.std(states.numpy()[rows])
            assert found == pytest.approx(wanted, rel=4 / np.sqrt(4 * 900))


def test_levels_have_to_be_given():
    energy = small.trainer(distribution.make_strategy("one")).energy
    setup = Setup(energy, None, 4, 6, lambda fn: fn)
    with pytest.raises(ValueError, match="`energy.noise_levels` must be given"):
        TINY.make(setup)


@pytest.mark.parametrize("name", ["num_levels", "num_steps", "step_size"])
def test_bad_settings(name):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(TINY, **{name: 0})
