"""An energy whose log Z is known is checked, from drawn data."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS, UNIT
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.levels import NoisedBaseConfig
from ebm_tf.energy.networks.mlp import MlpConfig
from ebm_tf.likelihood.level_config import LevelLikelihoodConfig
from ebm_tf.model_likelihood.level_likelihood import (
    LevelChains,
    LevelImages,
    measure,
)
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


def log_z_of(energy) -> float:
    """Returns log Z of the lowest level, by a sum over a fine grid."""
    side = np.linspace(-0.5, 1.5, 501, dtype=np.float32)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    logs = -energy(tf.constant(grid), tf.fill([len(grid)], 1e-3)).numpy()
    return float(np.logaddexp.reduce(logs.astype(np.float64))) + 2 * np.log(2.0 / 500)


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


@pytest.mark.parametrize("log_z", [0.5, -1.0])
def test_the_check_finds_log_z(log_z):
    energy = energy_of(log_z=log_z)
    data = images(energy)
    found = measure(chains_of(energy), data, UNIT)
    low = tf.fill([200], 1e-3)
    learned = -energy(tf.constant(data.test), low).numpy()
    assert found["learned"]["test"]["point"] == pytest.approx(learned.mean(), rel=1e-5)
    assert [row["num_levels"] for row in found["rows"]] == [30, 60]
    row = found["rows"][1]
    assert row["counts"] and row["difference"]["form"] == "interval"
    half, truth = row["difference"]["half_width"], log_z_of(energy)
    assert abs(truth) > 0.1
    assert abs(row["difference"]["point"] - truth) < 2 * half < 0.2
    density = learned[:100].mean() - truth
    assert abs(row["ais"]["point"] - density) < 2 * half
    # What the sampler draws is near to the density, and its bound below it.
    assert density - 0.3 < row["raise"]["value"] < density + 0.1


def test_each_part_is_computed_once():
    energy, parts = energy_of(num_classes=2), {}
    few = {
        "num_levels": (6,),
        "num_chains": 4,
        "num_images": 4,
        "num_replicates": 2,
        "num_reverse": 1,
        "pilot_levels": 4,
        "pilot_chains": 2,
    }
    data, passed = images(energy), []
    first = measure(chains_of(energy, parts, **few), data, UNIT)
    assert set(parts) == {
        *("pilot-0", "pilot-1", "reverse-6-0-0", "reverse-6-0-1"),
        *(f"forward-6-{run}-{label}" for run in (0, 1) for label in (0, 1)),
    }
    again = LevelChains(
        energy,
        dataclasses.replace(CONFIG, **few),
        seed=rng.make_seed(0),
        jit=False,
        parts=parts,
        report=passed.append,
    )
    assert measure(again, data, UNIT) == first
    assert again.total <= sum(passed)


def test_bits_are_those_of_levels():
    energy = energy_of()
    few = {"num_levels": (4,), "num_chains": 4, "num_replicates": 1, "num_images": 4}
    found = measure(chains_of(energy, **few), images(energy), PIXELS)
    told = found["learned"]["test"]
    bits = 8.0 - told["point"] / (2 * np.log(2.0))
    assert told["bits"]["value"] == pytest.approx(bits)


def test_a_network_without_a_base_is_refused():
    config = MlpConfig(
        widths=(4,),
        scale=1.0,
        activation="swish",
        kernel_initializer="glorot_uniform",
        normalize_head=False,
        noise_levels=small.mlp().noise_levels,
    )
    with pytest.raises(ValueError, match="`energy.kind` must be a network of noise"):
        chains_of(build_energy(config, (2,), 0, UNIT))
