"""Settings of the network `resnet`: what is refused."""

import dataclasses

import pytest

from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.resnet import ResNetConfig


def make():
    return ResNetConfig(
        stem_filters=4,
        stage_filters=(4, 6),
        stage_blocks=(1, 2),
        head_activation="relu",
        attention_stage=None,
        activation="swish",
        kernel_initializer="glorot_uniform",
        normalize_head=False,
    )


def test_it_is_registered_and_unconditional_unless_told():
    config = make()
    assert NetworkConfig.of_kind("resnet") is type(config)
    assert config.num_axes == 3
    found = (config.num_classes, config.label_dims, config.noise_levels)
    assert found == (None, None, None)


@pytest.mark.parametrize(
    "name, value, text",
    [
        ("stage_blocks", (1,), "`stage_blocks` must be as long as"),
        ("stage_filters", (4, 0), "`stage_filters` must be at least 1"),
        ("head_activation", "tanh", "`head_activation` must be one of"),
        ("attention_stage", 3, "`attention_stage` must be at most 2"),
    ],
)
def test_wrong_settings_are_refused(name, value, text):
    with pytest.raises((ValueError, TypeError), match=text):
        dataclasses.replace(make(), **{name: value})
