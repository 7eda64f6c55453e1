"""Chains along noise levels: each part is computed once."""

import dataclasses

import pytest

from ebm_tf import rng
from ebm_tf.box import UNIT
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.mlp import MlpConfig
from ebm_tf.model_likelihood.level_chains import LevelChains
from ebm_tf.model_likelihood.level_likelihood import measure
from tests.ebm_tf.energy import level_networks as small
from tests.ebm_tf.model_likelihood.small_levels import (
    CONFIG,
    chains_of,
    energy_of,
    images,
)


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
