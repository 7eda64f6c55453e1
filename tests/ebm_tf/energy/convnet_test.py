"""The MNIST network: its size, and its energy written out."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.convnet import ConvNetConfig


def convnet_config(filters, stem_filters=None, **changes):
    settings = {
        "activation": "leaky_relu",
        "kernel_initializer": "he_normal",
        "normalize_head": False,
    }
    return ConvNetConfig(
        filters=filters, stem_filters=stem_filters or filters, **(settings | changes)
    )


def images(num):
    """Returns images of rising brightness, `[num, 12, 12, 2]`."""
    x = np.random.default_rng(1).random((num, 12, 12, 2), np.float32)
    return x * np.linspace(2.0, 30.0, num, dtype=np.float32)[:, None, None, None]


ACTIVATIONS = {
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "relu": lambda x: np.maximum(x, 0.0),
    "swish": lambda x: x / (1.0 + np.exp(-x)),
}


def test_released_network_has_its_number_of_parameters():
    model = build_energy(convnet_config(64), (28, 28, 1), seed=0)
    count = sum(w.shape.num_elements() for w in model.trainable_weights)
    assert count == 1_246_017
    assert model.num_classes is None
    assert model.state_shape == (28, 28, 1)
    assert model(tf.zeros((3, 28, 28, 1))).shape == (3,)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_energy_written_out(activation):
    config = convnet_config(4, 3, activation=activation)
    model = build_energy(config, (12, 12, 2), seed=1)
    act = ACTIVATIONS[activation]

    def kernel_of(layer):
        kernel = np.asarray(layer.kernel.numpy(), np.float64)
        matrix = kernel.reshape(-1, kernel.shape[-1])
        left = matrix @ layer.u.numpy()
        return kernel / np.linalg.norm(left / np.linalg.norm(left) @ matrix)

    x = images(5)
    h = np.asarray(x, np.float64)
    sizes = []
    for layer, strides in (
        (model.stem, 1),
        (model.down_1, 2),
        (model.down_2, 2),
        (model.down_3, 2),
    ):
        h = act(tf.nn.conv2d(h, kernel_of(layer), strides, "SAME").numpy())
        sizes.append(h.shape[1:])
    assert sizes == [(12, 12, 3), (6, 6, 4), (3, 3, 8), (2, 2, 16)]
    h = act(h.reshape(5, -1) @ kernel_of(model.dense) + model.dense.bias.numpy())
    expected = (h @ model.head.kernel.numpy() + model.head.bias.numpy())[:, 0]
    energy = model(x)
    assert energy.dtype == tf.float32
    np.testing.assert_allclose(energy, expected, rtol=1e-4, atol=1e-5)
    assert np.ptp(expected) > 0.02


def test_same_input_same_energy_and_rows_do_not_meet():
    model = build_energy(convnet_config(4), (12, 12, 2), seed=1)
    x = tf.constant(images(5))
    energy = model(x, training=True).numpy()
    np.testing.assert_array_equal(model(x, training=True), energy)
    np.testing.assert_array_equal(model(x), energy)
    alone = np.concatenate([model(x[i : i + 1]) for i in range(5)])
    np.testing.assert_allclose(alone, energy, rtol=1e-5, atol=1e-6)
    assert np.ptp(energy) > 0.02
