"""Updates without chains find the width of noised data."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import Box
from ebm_tf.objectives.denoising import DenoisingConfig
from ebm_tf.sampling.config import LangevinConfig
from ebm_tf.sampling.langevin import langevin_chain
from ebm_tf.training.config import OptimizerConfig
from ebm_tf.training.trainer import Trainer
from tests.ebm_tf.training import small

STD, NOISE = 1.0, 0.5
TEMPERATURE = 0.8
SEED = rng.make_seed(0)
TINY = DenoisingConfig(noise_std=0.1, l2_weight=0.1, temperature=0.01)


class _Bowl(keras.Model):
    """E(x) = curvature * |x|^2 / 2."""

    condition_space = None
    state_shape = (2,)
    space = None

    def __init__(self):
        super().__init__(name="energy")
        self.curvature = self.add_weight(name="curvature", shape=())
        self.curvature.assign(2.0)

    def call(self, x):
        return tf.convert_to_tensor(self.curvature) * tf.reduce_sum(x * x, axis=1) / 2


def settings(**changes):
    fields = {"noise_std": NOISE, "l2_weight": 0.0, "temperature": TEMPERATURE}
    return DenoisingConfig(**fields | changes)


def trainer(num_updates):
    config = small.train_config(
        num_updates=num_updates,
        batch_size=256,
        objective=settings(),
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
    trained.fit(batches)
    expected = TEMPERATURE / (STD**2 + NOISE**2)
    curvature = float(trained.energy.curvature.numpy())
    # The least of one batch of 512 numbers has a standard error of 9 %: the root of
    # STD^2 / (NOISE^2 * 512). The last 20 updates, whose steps shrink, average it to
    # some 2 %. Of the data without noise the curvature would be 25 % greater.
    assert curvature == pytest.approx(expected, rel=0.08)
    assert trained.memory is None and trained.replay() is None


def test_reports_are_of_data_and_noised_data():
    [(x, labels)] = batches(0, 1)
    logs = trainer(1).run_update(x, labels)
    np.testing.assert_allclose(logs["data_energies"], (x**2).sum(axis=1), rtol=1e-5)
    assert logs["loss"] == logs["score"]
    # Mean |n| of N(0, 1) is 0.798, give or take 0.6 / sqrt(512).
    assert logs["movement"] == pytest.approx(0.798 * NOISE, rel=0.15)


@pytest.mark.parametrize(
    ("field", "value"),
    [("noise_std", 0.0), ("l2_weight", -1.0), ("temperature", 0.0)],
)
def test_bad_settings(field, value):
    with pytest.raises(ValueError, match=f"`{field}` must be"):
        settings(**{field: value})


def test_previews_sample_the_density_that_fits():
    config = settings(l2_weight=0.5)
    assert config.weights == {"score": 1.0, "l2": 0.5}
    chain = config.preview
    assert chain.temperature == pytest.approx(TEMPERATURE)
    # The energy of one point with the noise added is T |x|^2 / (2 NOISE^2): a step
    # without noise goes an eighth of the way down.
    start = np.array([[0.4, -0.2]], np.float32)
    quiet = LangevinConfig(
        num_steps=1, step_size=chain.step_size, noise_std=0.0, grad_clip=None
    )

    def energy_fn(x):
        return TEMPERATURE * tf.reduce_sum(x * x, axis=1) / (2 * NOISE**2)

    end = langevin_chain(energy_fn, tf.constant(start), SEED, quiet, None)
    np.testing.assert_allclose(end, 0.875 * start, rtol=1e-5)


def test_a_retry_keeps_the_temperature():
    config = settings()
    assert config.retried(small.policy(), 2) is config and config.summary == ""
