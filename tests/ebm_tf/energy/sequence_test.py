"""The network over sequences, written out."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.sequence import SequenceConfig
from tests.ebm_tf.energy.small_networks import draw_weights, normalized

CONFIG = SequenceConfig(
    filters=(4, 6),
    kernel_size=3,
    activation="swish",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
)


def swish(x):
    return x / (1.0 + np.exp(-x))


def convolve(x, kernel, bias, strides):
    """Convolution in time with zeros around, the last step's as TensorFlow's."""
    size, length = len(kernel), x.shape[1]
    steps = -(-length // strides)
    pad = max((steps - 1) * strides + size - length, 0)
    x = np.pad(x, ((0, 0), (pad // 2, pad - pad // 2), (0, 0)))
    rows = [
        np.einsum("bkc,kcf->bf", x[:, t : t + size], kernel)
        for t in range(0, steps * strides, strides)
    ]
    return np.stack(rows, axis=1) + bias


@pytest.mark.parametrize("length", [8, 5])
def test_energy_written_out(length):
    model = build_energy(CONFIG, (length, 3), seed=0)
    draw_weights(model, seed=1)
    x = np.random.default_rng(2).random((4, length, 3)).astype(np.float32)
    h = x.astype(np.float64)
    down_1, down_2 = model.downs
    for layer, strides in ((model.stem, 1), (down_1, 2), (down_2, 2)):
        bias = layer.bias.numpy()
        h = swish(convolve(h, normalized(layer, False), bias, strides))
    expected = h.sum(1) @ model.head.kernel.numpy() + model.head.bias.numpy()
    energy = model(x)
    assert energy.shape == (4,)
    np.testing.assert_allclose(energy, expected[:, 0], rtol=1e-4, atol=1e-4)
    assert np.ptp(expected) > 0.01


def test_order_in_time_matters():
    model = build_energy(CONFIG, (8, 3), seed=0)
    draw_weights(model, seed=1)
    x = tf.constant(np.random.default_rng(2).random((4, 8, 3)).astype(np.float32))
    assert np.abs(model(x) - model(x[:, ::-1])).max() > 1e-3


def test_no_widths_are_refused():
    with pytest.raises(ValueError, match="`filters` must be non-empty"):
        SequenceConfig(
            filters=(),
            kernel_size=3,
            activation="swish",
            kernel_initializer="glorot_uniform",
            normalize_head=False,
        )
