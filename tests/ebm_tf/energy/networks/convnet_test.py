"""Settings of the network `convnet`: what is refused."""

import dataclasses

import pytest

from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.convnet import ConvNetConfig


def make():
    return ConvNetConfig(
        stem_filters=3,
        filters=4,
        activation="swish",
        kernel_initializer="glorot_uniform",
        normalize_head=False,
    )


def test_it_is_registered_and_unconditional_unless_told():
    config = make()
    assert NetworkConfig.of_kind("convnet") is type(config)
    assert config.num_axes == 3
    found = (config.num_classes, config.label_dims, config.noise_levels)
    assert found == (None, None, None)


@pytest.mark.parametrize(
    "name, value, text",
    [
        ("stem_filters", 0, "`stem_filters` must be at least 1"),
        ("filters", 1.5, "`filters` must be a whole number"),
        ("activation", "tanh", "`activation` must be one of leaky_relu"),
    ],
)
def test_wrong_settings_are_refused(name, value, text):
    with pytest.raises((ValueError, TypeError), match=text):
        dataclasses.replace(make(), **{name: value})
