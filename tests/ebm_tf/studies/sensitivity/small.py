"""A study of tiny networks, and uniform states for it."""

import dataclasses

import numpy as np

from ebm_tf.energy.networks.convnet import ConvNetConfig
from ebm_tf.sampling.config import LangevinConfig
from ebm_tf.studies.sensitivity import SensitivityConfig
from tests.ebm_tf.studies import known

_FIRST = SensitivityConfig()
CONFIG = dataclasses.replace(
    _FIRST,
    rows=("base",),
    num_updates=3,
    batch_size=8,
    num_samples=150,
    num_steps=4,
    network=ConvNetConfig(
        stem_filters=2,
        filters=2,
        activation="swish",
        kernel_initializer="glorot_uniform",
        normalize_head=False,
    ),
    objective=dataclasses.replace(
        _FIRST.objective,
        langevin=LangevinConfig(num_steps=1, step_size=1.0, noise_std=0.0),
        replay=dataclasses.replace(_FIRST.objective.replay, capacity=8),
    ),
)


def uniform(name):
    """Returns states of a split, and their labels."""
    x = np.random.default_rng(len(name)).random([200, *known.SHAPE])
    return x.astype(np.float32), np.zeros(200, np.int32)
