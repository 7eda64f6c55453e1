"""Where the schedules begin, pass and end."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.objectives.contrastive import ChainScheduleConfig
from ebm_tf.objectives.contrastive.schedules import chain_settings
from ebm_tf.sampling.config import LangevinConfig
from tests.ebm_tf.training import small

CHAIN = LangevinConfig(num_steps=5, step_size=10.0, noise_std=0.02, grad_clip=0.3)


def settings(shape, update):
    schedule = ChainScheduleConfig(shape=shape, step_factor=3.0, noise_factor=0.5)
    config = small.objective(langevin=CHAIN, chain_schedule=schedule)
    return chain_settings(config, 100)(None, None, tf.constant(update))


@pytest.mark.parametrize(
    ("shape", "update", "left"),
    [
        ("linear", 0, 1.0),
        ("linear", 25, 0.75),
        ("linear", 100, 0.0),
        ("cosine", 0, 1.0),
        ("cosine", 50, 0.5),
        ("cosine", 25, 0.8535534),  # (1 + cos(pi / 4)) / 2
        ("cosine", 100, 0.0),
    ],
)
def test_from_the_first_value_to_the_last(shape, update, left):
    found = settings(shape, update)
    assert float(found.step_size) == pytest.approx(30.0 - 20.0 * left, rel=1e-5)
    assert float(found.noise_std) == pytest.approx(0.01 + 0.01 * left, rel=1e-5)
    assert (found.num_steps, found.grad_clip) == (5, 0.3)


def test_without_a_schedule_the_settings_are_those_of_the_configuration():
    config = small.objective(langevin=CHAIN)
    found = chain_settings(config, 100)(None, None, tf.constant(3))
    assert found._asdict() == dataclasses.asdict(CHAIN)


def test_steps_grow_with_the_size_of_the_energy():
    config = small.objective(langevin=CHAIN, step_energy_scale=2.0)
    x = tf.constant([[[0.0]], [[3.0]], [[-4.0]]])
    found = chain_settings(config, 100)(lambda x: x[:, 0, 0], x, tf.constant(0))
    # 10 * (1 + |E| / 2), one for each row, that broadcasts with x.
    np.testing.assert_allclose(found.step_size, [[[10.0]], [[25.0]], [[30.0]]])
    assert found.noise_std == CHAIN.noise_std
