"""Updates without chains find the width of noised data."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import Box
from ebm_tf.losses.config import DenoisingConfig
from ebm_tf.sampling.config import LangevinConfig
from ebm_tf.training.config import OptimizerConfig
from ebm_tf.training.trainer import Trainer
from tests.ebm_tf.training import small

STD, NOISE = 1.0, 0.5
# Temperature 0.4^2 / (2 * 0.1) = 0.8.
CHAIN = LangevinConfig(num_steps=1, step_size=0.1, noise_std=0.4, grad_clip=None)


class _Bowl(keras.Model):
    """E(x) = curvature * |x|^2 / 2."""

    labels = None
    state_shape = (2,)

    def __init__(self):
        super().__init__(name="energy")
        self.curvature = self.add_weight(name="curvature", shape=())
        self.curvature.assign(2.0)

    def call(self, x):
        return tf.convert_to_tensor(self.curvature) * tf.reduce_sum(x * x, axis=1) / 2


def trainer(num_updates):
    config = small.train_config(
        num_updates=num_updates,
        batch_size=256,
        objective=DenoisingConfig(noise_std=NOISE, l2_weight=0.0),
        langevin=CHAIN,
        replay=small.replay(capacity=256),
        optimizer=OptimizerConfig(
            learning_rate=0.1,
            final_learning_rate=0.001,
            beta_1=0.0,
            beta_2=0.9,
            epsilon=1e-8,
            num_sigmas=None,
            ema_decay=None,
        ),
    )
    box = Box(low=-9.0, high=9.0, num_levels=None)
    strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
    with strategy.scope():
        energy = _Bowl()
    return Trainer(energy, box, config, seed=0, strategy=strategy)


def batches(first, last):
    for update in range(first, last):
        draw = np.random.RandomState(update)
        x = STD * draw.standard_normal((256, 2)).astype(np.float32)
        yield x, np.zeros(256, np.int32)


def test_the_curvature_becomes_that_of_noised_data():
    # exp(-E / T) is N(0, T / curvature), noised data N(0, STD^2 + NOISE^2).
    trained = trainer(60)
    slots = trained.buffer.variables[0].numpy()
    trained.fit(batches)
    expected = CHAIN.temperature / (STD**2 + NOISE**2)
    curvature = float(trained.energy.curvature.numpy())
    # The least of one batch of 512 numbers has a standard error of 9 %: the root of
    # STD^2 / (NOISE^2 * 512). The last 20 updates, whose steps shrink, average it to
    # some 2 %. Of the data without noise the curvature would be 25 % greater.
    assert curvature == pytest.approx(expected, rel=0.08)
    np.testing.assert_array_equal(trained.buffer.variables[0], slots)


def test_reports_are_of_data_and_noised_data():
    [(x, labels)] = batches(0, 1)
    logs = trainer(1).run_update(x, labels)
    np.testing.assert_allclose(logs["data_energies"], (x**2).sum(axis=1), rtol=1e-5)
    assert logs["loss"] == logs["score"]
    # Mean |n| of N(0, 1) is 0.798, give or take 0.6 / sqrt(512).
    assert logs["movement"] == pytest.approx(0.798 * NOISE, rel=0.15)
