"""A normal walk of one number at five moments, and its energy."""

import keras
import numpy as np

from ebm_tf.box import OpenSpace
from ebm_tf.energy.custom import as_energy
from ebm_tf.sampling.samplers.hmc import HmcSampler

# `x_0 ~ N(0, 1)`, `x_t ~ N(x_(t-1), S^2)`.
T, S = 5, 0.5
SPACE = OpenSpace(mean=0.0, std=1.0)
# A trajectory of such a length turns no direction of the bridge by about a half.
HMC = HmcSampler(num_steps=25, num_leapfrog=3, step_size=0.2, temperature=1.0)


def walks(num, seed):
    """Returns `num` draws of the walk, `[num, T, 1]`."""
    noise = np.random.default_rng(seed).normal(size=[num, T, 1])
    noise[:, 1:] *= S
    return noise.cumsum(axis=1).astype(np.float32)


def energies(x):
    """Returns the energies of walks `[..., T, 1]`, nats."""
    moves = np.square(np.diff(x[..., 0], axis=-1)).sum(axis=-1) / (2.0 * S**2)
    return moves + np.square(x[..., 0, 0]) / 2.0


def energy():
    """Returns the same as a network."""
    x = keras.Input((T, 1))
    moves = keras.ops.sum(keras.ops.square(x[:, 1:] - x[:, :-1]), axis=[1, 2])
    first = keras.ops.square(x[:, 0, 0])
    made = as_energy(keras.Model(x, moves / (2.0 * S**2) + first / 2.0), (T, 1))
    made.space = SPACE
    return made
