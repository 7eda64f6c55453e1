"""Energy matching between two Gaussians: the flow's slope and the density are known."""

import dataclasses
import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import OpenSpace
from ebm_tf.objectives.contract import Setup
from ebm_tf.objectives.energy_matching import ContrastConfig, EnergyMatchingConfig
from ebm_tf.sampling.config import FlowConfig
from ebm_tf.training import distribution
from ebm_tf.training.config import OptimizerConfig
from ebm_tf.training.trainer import Trainer
from tests.ebm_tf.training import small

TEMPERATURE = 0.3
PHASE = ContrastConfig(
    from_update=2,
    weight=0.01,
    chain=FlowConfig(num_steps=4, time_step=0.4, temperature=0.01),
    data_share=0.5,
    trim=0.25,
    least=10.0,
)
TINY = EnergyMatchingConfig(noise_std=0.5, contrast=PHASE)
# The bias of the head has no slope: it is one of six weights.
NETWORK = dataclasses.replace(small.MLP, widths=(4, 4))

# Noise is N(0, 1), data are N(MEAN, STD**2), in one dimension.
MEAN, STD = 2.0, 0.5
NUM = 512


class _Waves(keras.Model):
    """A sum of cosines and sines of one coordinate: any smooth slope on [-5, 5]."""

    condition_space = None
    state_shape = (1,)
    space = None

    def __init__(self):
        super().__init__(name="energy")
        self.rates = np.arange(1, 13, dtype=np.float32) * math.pi / 8.0
        self.heights = self.add_weight(name="heights", shape=(25,), initializer="zeros")

    def call(self, x):
        angles = x * self.rates
        # Each wave has a slope of the size of its height.
        waves = tf.concat([tf.sin(angles), tf.cos(angles)], 1) / tf.tile(
            self.rates, [2]
        )
        terms = tf.concat([x, waves], axis=1)
        return tf.linalg.matvec(terms, tf.convert_to_tensor(self.heights))


class _Bowl(keras.Model):
    """V(x) = curvature * |x - MEAN|^2 / 2."""

    condition_space = None
    state_shape = (1,)
    space = None

    def __init__(self):
        super().__init__(name="energy")
        self.curvature = self.add_weight(name="curvature", shape=())
        self.curvature.assign(3.0)

    def call(self, x):
        square = tf.reduce_sum(tf.square(x - MEAN), axis=1)
        return tf.convert_to_tensor(self.curvature) * square / 2.0


def trained(cls, objective, num_updates, rate):
    config = small.train_config(
        num_updates=num_updates,
        batch_size=NUM,
        objective=objective,
        optimizer=OptimizerConfig(
            learning_rate=rate,
            final_learning_rate=rate / 100.0,
            beta_1=0.5,
            beta_2=0.95,
            epsilon=1e-8,
        ),
    )
    strategy = distribution.make_strategy("one")
    with strategy.scope():
        energy = cls()
    space = OpenSpace(mean=0.0, std=1.0)
    trainer = Trainer(energy, space, config, seed=0, strategy=strategy)

    def batches(first, last):
        for update in range(first, last):
            draw = np.random.default_rng(update)
            x = MEAN + STD * draw.standard_normal((NUM, 1))
            yield x.astype(np.float32), np.zeros(NUM, np.int32)

    trainer.fit(batches)
    return energy


def exact_velocity(x):
    """Returns the mean velocity of all paths through x, of all times: a quadrature."""
    time = (np.arange(4000) + 0.5)[:, np.newaxis] / 4000
    mean = time * MEAN
    variance = (1 - time) ** 2 + (time * STD) ** 2
    density = np.exp(-((x - mean) ** 2) / (2 * variance)) / np.sqrt(variance)
    # Both ends of a path and x are jointly normal.
    covariance = time * STD**2 - (1 - time)
    velocity = MEAN + covariance / variance * (x - mean)
    return np.sum(density * velocity, axis=0) / np.sum(density, axis=0)


def test_the_slope_becomes_the_velocity_of_the_paths():
    energy = trained(_Waves, EnergyMatchingConfig(noise_std=1.0), 500, 0.1)
    x = np.linspace(-1.5, 3.0, 19).astype(np.float32)
    with tf.GradientTape() as tape:
        points = tf.constant(x[:, np.newaxis])
        tape.watch(points)
        found = energy(points)
    slope = -tape.gradient(found, points).numpy()[:, 0]
    exact = exact_velocity(x)
    # A velocity has a deviation of about 1. The last 100 updates, whose steps shrink,
    # see 51,200 of them, spread over some 25 waves: 0.02 each, 4 times that of all.
    assert np.abs(slope - exact).max() < 0.15
    assert exact.max() - exact.min() > 1.0  # a constant velocity would not do


def test_the_density_at_the_final_temperature_becomes_that_of_data():
    chain = FlowConfig(num_steps=40, time_step=0.02, temperature=TEMPERATURE)
    phase = dataclasses.replace(
        PHASE, from_update=0, weight=1e4, chain=chain, data_share=1.0, trim=0.0
    )
    objective = EnergyMatchingConfig(noise_std=1.0, contrast=phase)
    energy = trained(_Bowl, objective, 120, 0.15)
    # exp(-V / T) is N(MEAN, T / curvature).
    variance = TEMPERATURE / float(energy.curvature.numpy())
    # The mean of (x - MEAN)**2 of a batch has a relative error of sqrt(2 / 512), and
    # negatives one of their own; some 20 updates average it to 2 %. The steps of a
    # chain add 1.5 * 0.02 * curvature, 3.6 %. A chain at temperature 0, or at twice
    # this, would be off by half at least.
    assert variance == pytest.approx(STD**2, rel=0.1)


def test_the_first_phase_has_no_chains():
    setup = Setup(_Bowl(), OpenSpace(mean=0.0, std=1.0), 8, 5, lambda fn: fn)
    objective = dataclasses.replace(TINY, noise_std=1.0).make(setup)
    data = tf.fill([8, 1], 7.0)
    seeds = [tf.constant([n, 0]) for n in range(3)]
    moved = []
    for update in range(5):
        batch = objective.prepare(data, None, None, seeds, tf.constant(update))
        loss = objective.loss(setup.energy, batch)
        moved.append(bool(np.any(batch.negatives != data)))
        assert (float(loss.terms["contrast"]) != 0.0) == moved[-1]
    assert moved == [False, False, True, True, True]
    # Half of the chains start at data, and are near them after a few steps.
    assert np.abs(batch.negatives.numpy()[4:] - 7.0).min() > 1.0


@pytest.mark.parametrize(
    "changes",
    [
        {"from_update": -1},
        {"weight": 0.0},
        {"data_share": 1.5},
        {"trim": 0.5},
        {"least": 0.0},
    ],
)
def test_bad_settings_of_the_second_phase(changes):
    [name] = changes
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(PHASE, **changes)


def test_a_density_has_a_temperature():
    cold = dataclasses.replace(PHASE.chain, temperature=0.0)
    with pytest.raises(ValueError, match="`chain.temperature` must be positive"):
        dataclasses.replace(PHASE, chain=cold)
    with pytest.raises(ValueError, match="`noise_std` must be positive"):
        EnergyMatchingConfig(noise_std=0.0)


def test_the_second_phase_is_within_the_run():
    setup = Setup(_Bowl(), OpenSpace(mean=0.0, std=1.0), 8, 2, lambda fn: fn)
    with pytest.raises(ValueError) as error:
        TINY.make(setup)
    assert str(error.value) == (
        "`objective.contrast.from_update` must be below the 2 updates of the run. "
        "Received: from_update=2"
    )
