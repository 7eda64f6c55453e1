"""Settings of the network `sprites_net`: what is refused."""

import dataclasses

import pytest

from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.sprites_net import SpritesNetConfig


def make():
    return SpritesNetConfig(
        filters=4,
        activation="swish",
        kernel_initializer="glorot_uniform",
        normalize_head=False,
    )


def test_it_is_registered_and_unconditional_unless_told():
    config = make()
    assert NetworkConfig.of_kind("sprites_net") is type(config)
    assert config.num_axes == 3
    found = (config.num_classes, config.label_dims, config.noise_levels)
    assert found == (None, None, None)


@pytest.mark.parametrize(
    "name, value, text",
    [
        ("filters", 3, "`filters` must be even"),
        ("normalize_head", 1, "`normalize_head` must be true or false"),
    ],
)
def test_wrong_settings_are_refused(name, value, text):
    with pytest.raises((ValueError, TypeError), match=text):
        dataclasses.replace(make(), **{name: value})
