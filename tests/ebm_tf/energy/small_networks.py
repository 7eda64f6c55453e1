"""Small networks of every kind, and what their tests compute by hand."""

import numpy as np
import tensorflow as tf

from ebm_tf.conditions import condition_space
from ebm_tf.energy.networks.convnet import ConvNetConfig
from ebm_tf.energy.networks.mlp import MlpConfig
from ebm_tf.energy.networks.multi_scale import MultiScaleConfig
from ebm_tf.energy.networks.resnet import ResNetConfig
from ebm_tf.energy.networks.sequence import SequenceConfig
from ebm_tf.energy.networks.sprites_net import SpritesNetConfig

SHARED = {"kernel_initializer": "glorot_uniform", "normalize_head": False}


def resnet_config(num_classes, attention_stage=None, label_dims=None):
    return ResNetConfig(
        stem_filters=4,
        stage_filters=(4, 6),
        stage_blocks=(1, 2),
        activation="swish",
        head_activation="relu",
        num_classes=num_classes,
        attention_stage=attention_stage,
        label_dims=label_dims,
        **SHARED,
    )


# name: (configuration, shape of a state)
NETWORKS = {
    "convnet": (
        ConvNetConfig(stem_filters=3, filters=4, activation="leaky_relu", **SHARED),
        (8, 8, 1),
    ),
    "resnet": (resnet_config(None), (8, 8, 3)),
    "conditional": (resnet_config(3), (8, 8, 3)),
    "attentive": (resnet_config(None, 1, 2), (8, 8, 3)),
    "multi_scale": (
        MultiScaleConfig(num_scales=2, network=resnet_config(3)),
        (8, 8, 3),
    ),
    "sprites_net": (
        SpritesNetConfig(
            filters=4, activation="swish", num_classes=None, label_dims=2, **SHARED
        ),
        (16, 16, 1),
    ),
    "sequence": (
        SequenceConfig(filters=(4, 6), kernel_size=3, activation="swish", **SHARED),
        (8, 3),
    ),
    "mlp": (MlpConfig(widths=(8, 8), scale=2.0, activation="swish", **SHARED), (2,)),
    "normalized_head": (
        MlpConfig(
            widths=(8,),
            scale=2.0,
            activation="swish",
            kernel_initializer="unit_normal",
            normalize_head=True,
        ),
        (2,),
    ),
}


def arguments(name, num=4):
    """Returns what the network is called with: states, and labels if it has any."""
    config, shape = NETWORKS[name]
    x = np.random.default_rng(1).standard_normal((num, *shape)).astype(np.float32)
    space = condition_space(config.num_classes, config.label_dims, config.noise_levels)
    if space is None:
        return (tf.constant(x),)
    return tf.constant(x), tf.nest.map_structure(tf.constant, space.in_turn(0, num))


def draw_weights(layer, seed):
    """Moves every weight, u included, to where it shows."""
    draw = np.random.default_rng(seed)
    for weight in layer.weights:
        weight.assign(draw.standard_normal(weight.shape).astype(np.float32) * 0.5)


def normalized(conv, bounded):
    """Returns the kernel by one power iteration from the layer's u."""
    kernel = np.asarray(conv.kernel.numpy(), np.float64)
    matrix = kernel.reshape(-1, kernel.shape[-1])
    left = matrix @ conv.u.numpy()
    left /= np.linalg.norm(left)
    sigma = np.linalg.norm(left @ matrix)
    return kernel / (max(sigma, 1.0) if bounded else sigma)
