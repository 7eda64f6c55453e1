"""The dSprites network: its sizes, and its energy written out."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.sprites_net import SpritesNetConfig
from tests.ebm_tf.energy.small_networks import draw_weights, normalized


def sprites_config(filters, num_classes=None, label_dims=None):
    return SpritesNetConfig(
        filters=filters,
        activation="leaky_relu",
        kernel_initializer="unit_normal",
        normalize_head=False,
        num_classes=num_classes,
        label_dims=label_dims,
    )


# Length of the label: trainable parameters that the released network touches.
PUBLISHED = {1: 951_425, 2: 951_905, 3: 952_385}


@pytest.mark.parametrize("label_dims", PUBLISHED)
def test_released_network_has_its_number_of_parameters(label_dims):
    config = sprites_config(64, label_dims=label_dims)
    model = build_energy(config, (64, 64, 1), seed=0)
    count = sum(w.shape.num_elements() for w in model.trainable_weights)
    assert count == PUBLISHED[label_dims]
    x = tf.zeros((2, 64, 64, 1))
    assert model(x, tf.zeros((2, label_dims))).shape == (2,)


def leaky(x):
    return np.where(x > 0, x, 0.2 * x)


LABELS = {
    "none": ({}, None),
    "classes": ({"num_classes": 3}, np.asarray([2, 0, 1], np.int32)),
    "numbers": (
        {"label_dims": 2},
        np.asarray([[0.1, 0.9], [1.0, 0.0], [0.4, 0.4]], np.float32),
    ),
}


@pytest.mark.parametrize("kind", LABELS)
def test_energy_written_out(kind):
    labels_config, labels = LABELS[kind]
    model = build_energy(sprites_config(4, **labels_config), (16, 16, 1), seed=1)
    draw_weights(model, seed=4)
    x = np.random.default_rng(2).random((3, 16, 16, 1)).astype(np.float32)
    x *= np.asarray([1.0, 10.0, 100.0], np.float32)[:, None, None, None]

    def of(weight):
        value = weight.numpy()
        if labels is None:
            return value
        rows = value[labels] if labels.ndim == 1 else labels @ value
        return rows[:, None, None]

    def conv(h, layer, strides):
        return tf.nn.conv2d(h, normalized(layer, False), strides, "SAME").numpy()

    gain = of(model.gain.main)
    if labels is not None:
        gain = gain + model.gain_shift.numpy()
    h = leaky(conv(x.astype(np.float64), model.stem, 1))
    for number, factor in ((1, 1.0), (2, 1.0), (3, gain), (4, 1.0)):
        bias = of(model.biases[number - 1].main)
        h = leaky(factor * conv(h + bias, getattr(model, f"down_{number}"), 2))
    assert h.shape == (3, 1, 1, 8)
    h = leaky(h.reshape(3, -1) @ normalized(model.dense, False) + model.dense.bias)
    expected = (h @ model.head.kernel.numpy() + model.head.bias.numpy())[:, 0]
    given = () if labels is None else (tf.constant(labels),)
    np.testing.assert_allclose(model(x, *given), expected, rtol=1e-4, atol=1e-4)
    assert np.ptp(expected) > 0.01


def test_an_odd_number_of_filters_is_refused():
    with pytest.raises(ValueError, match="`filters` must be even. Received: filters=3"):
        sprites_config(3)
