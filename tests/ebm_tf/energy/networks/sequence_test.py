"""Settings of the network `sequence`: what is refused."""

import dataclasses

import pytest

from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.sequence import SequenceConfig


def make():
    return SequenceConfig(
        filters=(4, 6),
        kernel_size=3,
        activation="swish",
        kernel_initializer="glorot_uniform",
        normalize_head=False,
    )


def test_it_is_registered_and_unconditional_unless_told():
    config = make()
    assert NetworkConfig.of_kind("sequence") is type(config)
    assert config.num_axes == 2
    found = (config.num_classes, config.label_dims, config.noise_levels)
    assert found == (None, None, None)


@pytest.mark.parametrize(
    "name, value, text",
    [
        ("filters", (), "`filters` must be non-empty"),
        ("kernel_size", 0, "`kernel_size` must be at least 1"),
    ],
)
def test_wrong_settings_are_refused(name, value, text):
    with pytest.raises((ValueError, TypeError), match=text):
        dataclasses.replace(make(), **{name: value})
