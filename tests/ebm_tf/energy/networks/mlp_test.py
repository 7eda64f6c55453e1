"""Settings of the network `mlp`: what is refused."""

import dataclasses

import pytest

from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.mlp import MlpConfig


def make():
    return MlpConfig(
        widths=(8, 8),
        scale=2.0,
        activation="swish",
        kernel_initializer="glorot_uniform",
        normalize_head=False,
    )


def test_it_is_registered_and_unconditional_unless_told():
    config = make()
    assert NetworkConfig.of_kind("mlp") is type(config)
    assert config.num_axes is None
    found = (config.num_classes, config.label_dims, config.noise_levels)
    assert found == (None, None, None)


@pytest.mark.parametrize(
    "name, value, text",
    [
        ("widths", (8, 0), "`widths` must be at least 1"),
        ("scale", 0.0, "`scale` must be positive"),
        ("kernel_initializer", "ones", "`kernel_initializer` must be one of"),
    ],
)
def test_wrong_settings_are_refused(name, value, text):
    with pytest.raises((ValueError, TypeError), match=text):
        dataclasses.replace(make(), **{name: value})
