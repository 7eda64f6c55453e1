"""A small energy of noise levels whose density is known, its chains and its data."""

import dataclasses

import numpy as np

from ebm_tf import rng
from ebm_tf.box import UNIT
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.levels import NoisedBaseConfig
from ebm_tf.likelihood.level_config import LevelLikelihoodConfig
from ebm_tf.model_likelihood.level_chains import LevelChains
from ebm_tf.model_likelihood.level_likelihood import LevelImages
from tests.ebm_tf.energy import level_networks as small

CONFIG = LevelLikelihoodConfig(
    num_levels=(30, 60),
    num_chains=400,
    num_images=100,
    num_learned=200,
    num_replicates=10,
    num_reverse=2,
    resample=True,
    pilot_levels=12,
    pilot_chains=16,
)


def energy_of(num_classes=None, log_z=0.0):
    """A normal density of two numbers, and a correction whose integral is known."""
    config = small.mlp(base=NoisedBaseConfig(kind="normal"), num_classes=num_classes)
    energy = build_energy(config, (2,), 0, UNIT)
    draw = np.random.default_rng(0)
    energy.fit_base([0.5 + 0.1 * draw.standard_normal((1000, 2))])
    small.stir(energy)
    energy.head.bias.assign([-log_z])
    return energy


def chains_of(energy, parts=None, **changes):
    return LevelChains(
        energy,
        dataclasses.replace(CONFIG, **changes),
        seed=rng.make_seed(0),
        jit=False,
        parts={} if parts is None else parts,
        report=lambda num: None,
    )


def images(energy, num=200):
    x = energy.base.sample(num, 0.0, rng.make_seed(5)).numpy()
    return LevelImages(test=x, train=x[::-1])
