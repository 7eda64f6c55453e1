"""A small exported model of either kind, and requests to it."""

import os

import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.convnet import ConvNetConfig
from ebm_tf.energy.networks.resnet import ResNetConfig
from ebm_tf.export import saved_model
from ebm_tf.sampling.samplers.langevin import LangevinSampler

SHAPE = (8, 8, 1)
CLASSES = 3
MAX_NUM, MAX_STEPS = 6, 5
# Steps large enough that images move by far more than rounding.
LANGEVIN = LangevinSampler(num_steps=4, step_size=50.0, noise_std=0.01, grad_clip=None)
CONVNET = ConvNetConfig(
    stem_filters=4,
    filters=4,
    activation="swish",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
)
RESNET = ResNetConfig(
    stem_filters=4,
    stage_filters=(4,),
    stage_blocks=(1,),
    activation="swish",
    head_activation="relu",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
    attention_stage=None,
    num_classes=CLASSES,
    label_dims=None,
)


def export(config, folder, sampler=LANGEVIN):
    """Returns the model, its listing, and what a program loads from `folder`."""
    model = build_energy(config, SHAPE, seed=1)
    # Gains, biases and the last convolutions start where labels and blocks do nothing.
    for index, weight in enumerate(model.trainable_variables):
        weight.assign_add(0.3 * rng.normal(rng.make_seed(index), weight.shape))
    served = saved_model.ServedEnergy(
        model, PIXELS, sampler, max_num=MAX_NUM, max_steps=MAX_STEPS
    )
    listing = saved_model.export_saved_model(served, str(folder))
    loaded = tf.saved_model.load(os.path.join(folder, "1"))
    return model, listing, loaded


def images(num, seed=0):
    """Returns images that a request may hold."""
    return PIXELS.uniform(rng.make_seed(seed), (num, *SHAPE))


GOOD = {
    "images": images(2),
    "labels": tf.constant([0, 1]),
    "num": tf.constant(2),
    "seed": rng.make_seed(0),
    "seeds": tf.constant([[1, 2], [3, 4]]),
    "num_steps": tf.constant(2),
}


def only(inputs, request):
    """Returns the part of a request that a signature with these inputs takes."""
    return {name: request[name] for name in inputs}
