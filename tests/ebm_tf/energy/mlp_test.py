"""The energy of points: its value written out, and how steep it can be."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.mlp import MlpConfig
from ebm_tf.energy.spectral import refresh_spectra


def mlp_config(**changes):
    settings = {
        "widths": (16, 8),
        "scale": 3.0,
        "activation": "relu",
        "kernel_initializer": "he_normal",
        "normalize_head": False,
    }
    return MlpConfig(**(settings | changes))


def points(num):
    return np.random.default_rng(1).standard_normal((num, 2)).astype(np.float32)


def test_energy_written_out():
    model = build_energy(mlp_config(), (2,), seed=0)
    h = 3.0 * points(7).astype(np.float64)
    for layer in model.hidden:
        layer.bias.assign(np.linspace(-0.5, 0.5, layer.units, dtype=np.float32))
        kernel = layer.kernel.numpy().astype(np.float64)
        left = kernel @ layer.u.numpy()
        kernel /= np.linalg.norm(left / np.linalg.norm(left) @ kernel)
        h = np.maximum(h @ kernel + layer.bias.numpy(), 0.0)
    expected = (h @ model.head.kernel.numpy() + model.head.bias.numpy())[:, 0]
    energy = model(points(7))
    assert energy.shape == (7,) and energy.dtype == tf.float32
    np.testing.assert_allclose(energy, expected, rtol=1e-5, atol=1e-5)
    assert np.ptp(expected) > 0.1


def test_number_of_parameters():
    model = build_energy(mlp_config(), (2,), seed=0)
    count = sum(w.shape.num_elements() for w in model.trainable_weights)
    assert count == (2 * 16 + 16) + (16 * 8 + 8) + (8 + 1)


@pytest.mark.parametrize("scale", [0.5, 4.0])
@pytest.mark.parametrize("normalize_head", [False, True])
def test_slope_is_at_most_scale_times_the_head(scale, normalize_head):
    config = mlp_config(scale=scale, normalize_head=normalize_head)
    model = build_energy(config, (2,), seed=0)
    refresh_spectra(model, num_iterations=50)
    x = tf.constant(points(500))
    with tf.GradientTape() as tape:
        tape.watch(x)
        energy = tf.reduce_sum(model(x))
    slope = np.linalg.norm(tape.gradient(energy, x), axis=1).max()
    head = 1.0 if normalize_head else np.linalg.norm(model.head.kernel.numpy())
    assert slope <= scale * head * 1.001
    assert slope > 0.05 * scale * head  # the bound is of the right size


def test_same_input_same_energy_and_rows_do_not_meet():
    model = build_energy(mlp_config(activation="swish"), (2,), seed=0)
    x = points(6)
    energy = model(x, training=True).numpy()
    np.testing.assert_array_equal(model(x), energy)
    alone = np.concatenate([model(x[i : i + 1]) for i in range(6)])
    np.testing.assert_allclose(alone, energy, rtol=1e-5, atol=1e-6)
