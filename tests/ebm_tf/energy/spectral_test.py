"""Spectral normalization against singular values, and against another's layer."""

import json
import pathlib

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.energy import spectral
from ebm_tf.energy.spectral import SpectralConv1D, SpectralConv2D, SpectralDense

GOLDENS = json.loads(
    (pathlib.Path(__file__).parents[2] / "golden" / "spectral.json").read_text()
)
CONVERGED = 40  # power iterations; the error shrinks by 0.49 in each

KINDS = {
    "conv": (lambda **kwargs: SpectralConv2D(6, 3, **kwargs), (2, 5, 5, 4)),
    "strided": (lambda **kwargs: SpectralConv2D(6, 4, 2, **kwargs), (2, 6, 6, 3)),
    "in_time": (lambda **kwargs: SpectralConv1D(6, 3, **kwargs), (2, 7, 5)),
    "dense": (lambda **kwargs: SpectralDense(6, **kwargs), (2, 9)),
}


def kernel_of_norm(shape, norm):
    """Returns a kernel with singular values `norm`, `0.7 * norm`, down to 0."""
    draw = np.random.default_rng(1)
    columns = shape[-1]
    left, _ = np.linalg.qr(draw.standard_normal((np.prod(shape[:-1]), columns)))
    right, _ = np.linalg.qr(draw.standard_normal((columns, columns)))
    values = norm * np.linspace(0.7, 0.0, columns)
    values[0] = norm
    return ((left * values) @ right.T).reshape(shape)


def make(kind, norm, **kwargs):
    """Returns a layer whose kernel has spectral norm `norm`, u converged."""
    layer_fn, shape = KINDS[kind]
    layer = layer_fn(**kwargs)
    layer.build(shape)
    layer.kernel.assign(kernel_of_norm(layer.kernel.shape, norm).astype(np.float32))
    layer.u.assign(np.linspace(-1.0, 2.0, 6, dtype=np.float32))
    layer.refresh(CONVERGED)
    return layer


def top_singular_value(kernel):
    kernel = np.asarray(kernel, np.float64)
    return np.linalg.svd(kernel.reshape(-1, kernel.shape[-1]), compute_uv=False)[0]


@pytest.mark.parametrize("norm", [0.01, 0.9, 1.1, 40.0])
@pytest.mark.parametrize("bounded", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_normalized_kernel_has_norm_one_or_at_most_one(kind, bounded, norm):
    layer = make(kind, norm, bounded=bounded)
    expected = min(norm, 1.0) if bounded else 1.0
    kernel = layer.normalized_kernel().numpy()
    assert top_singular_value(kernel) == pytest.approx(expected, rel=1e-5)
    original = layer.kernel.numpy()
    np.testing.assert_allclose(kernel, original * (expected / norm), rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_bounded_kernel_below_norm_one_is_untouched(kind):
    layer = make(kind, 0.99, bounded=True)
    np.testing.assert_array_equal(layer.normalized_kernel(), layer.kernel.numpy())


def test_sigma_grows_to_the_singular_value_from_below():
    layer = make("conv", 3.0)
    kernel, u = tf.convert_to_tensor(layer.kernel), tf.ones(6)
    sigmas = []
    for _ in range(CONVERGED):
        sigma, u = spectral.power_iterate(kernel, u)
        sigmas.append(float(sigma))
    assert np.all(np.diff(sigmas) >= -1e-6)
    assert sigmas[0] < 2.9
    assert sigmas[-1] == pytest.approx(3.0, rel=1e-5)
    assert np.linalg.norm(u) == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize("scale", [1e-12, 1e-10, 1e10])
def test_sigma_is_right_for_kernels_whose_squares_vanish_or_are_huge(scale):
    kernel = kernel_of_norm((3, 3, 4, 6), scale)
    u = tf.ones(6)
    for _ in range(CONVERGED):
        sigma, u = spectral.power_iterate(tf.constant(kernel, tf.float32), u)
    assert float(sigma) == pytest.approx(scale, rel=1e-5, abs=0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_gradient_flows_through_sigma(kind):
    layer = make(kind, 5.0)
    cotangent = np.random.default_rng(3).standard_normal(layer.kernel.shape)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.cast(cotangent, tf.float32) * layer.normalized_kernel())
    gradient = tape.gradient(loss, layer.kernel.value).numpy()

    # d(W / s) with ds = v^T dW u, the singular vectors of s.
    kernel = np.asarray(layer.kernel.numpy(), np.float64)
    left, values, right = np.linalg.svd(kernel.reshape(-1, 6), full_matrices=False)
    outer = np.outer(left[:, 0], right[0]).reshape(kernel.shape)
    expected = cotangent / values[0]
    expected -= np.sum(cotangent * kernel) / values[0] ** 2 * outer
    np.testing.assert_allclose(gradient, expected, atol=1e-5)
    # The scale of a kernel has no effect, so it gets no gradient.
    along = np.sum(gradient * kernel) / np.linalg.norm(gradient) / 5.0
    assert abs(along) < 1e-5
    assert abs(np.sum(cotangent * kernel)) > 0.1  # there was something to cancel


def test_gradient_of_a_bounded_kernel_below_norm_one_ignores_sigma():
    layer = make("conv", 0.5, bounded=True)
    cotangent = np.random.default_rng(3).standard_normal(layer.kernel.shape)
    cotangent = cotangent.astype(np.float32)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(cotangent * layer.normalized_kernel())
    gradient = tape.gradient(loss, layer.kernel.value)
    np.testing.assert_array_equal(gradient, cotangent)


@pytest.mark.parametrize("kind", KINDS)
def test_only_refresh_moves_u(kind):
    layer_fn, shape = KINDS[kind]
    layer = layer_fn()
    x = tf.random.stateless_normal(shape, (1, 2))
    layer(x)
    before = [w.numpy() for w in layer.weights]
    outputs = []
    for training in (False, True, True):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=training)
            tape.gradient(y, x)
        outputs.append(y.numpy())
    compiled = tf.function(lambda x: layer(x, training=True))
    compiled(x), compiled(x)
    for old, weight in zip(before, layer.weights, strict=True):
        np.testing.assert_array_equal(old, weight.numpy())
    np.testing.assert_array_equal(outputs[0], outputs[1])
    np.testing.assert_array_equal(outputs[1], outputs[2])

    layer.refresh()
    moved = {
        weight.name: np.abs(weight.numpy() - old).max()
        for old, weight in zip(before, layer.weights, strict=True)
    }
    assert moved.pop("u") > 1e-3
    assert set(moved.values()) == {0.0}


def test_iterations_add_up_and_compile():
    at_once, in_turn = make("conv", 2.0), make("conv", 2.0)
    start = np.linspace(-1.0, 2.0, 6, dtype=np.float32)
    for layer in (at_once, in_turn):
        layer.u.assign(start)
    at_once.refresh(3)
    compiled = tf.function(in_turn.refresh)
    for _ in range(3):
        compiled()
    np.testing.assert_allclose(at_once.u.numpy(), in_turn.u.numpy(), rtol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_layer_computes_with_the_normalized_kernel(kind):
    layer = make(kind, 7.0, use_bias=True)
    layer.bias.assign(np.arange(6, dtype=np.float32))
    x = tf.random.stateless_normal(KINDS[kind][1], (3, 4))
    kernel = tf.constant(layer.kernel.numpy() / 7.0)
    if kind == "dense":
        expected = x @ kernel
    elif kind == "in_time":
        expected = tf.nn.conv1d(x, kernel, 1, "SAME")
    else:
        expected = tf.nn.conv2d(x, kernel, layer.strides, "SAME")
    np.testing.assert_allclose(layer(x), expected + np.arange(6.0), atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_saved_layer_computes_the_same(kind, tmp_path):
    layer_fn, shape = KINDS[kind]
    layer = layer_fn(bounded=True, use_bias=True, kernel_initializer="he_normal")
    model = keras.Sequential([layer])
    x = tf.random.stateless_normal(shape, (5, 6))
    before = model(x).numpy()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_array_equal(loaded.layers[0].u.numpy(), layer.u.numpy())
    np.testing.assert_array_equal(loaded(x), before)
    assert loaded.layers[0].get_config() == layer.get_config()


def test_refresh_spectra_reaches_every_layer():
    inner = keras.Sequential([SpectralDense(4), SpectralDense(4)])
    model = keras.Sequential([keras.layers.Dense(3), inner, SpectralDense(2)])
    model(tf.ones((1, 5)))
    layers = [*inner.layers, model.layers[-1]]
    before = [layer.u.numpy() for layer in layers]
    spectral.refresh_spectra(model, num_iterations=2)
    for layer, u in zip(layers, before, strict=True):
        assert np.abs(layer.u.numpy() - u).max() > 1e-3
        assert np.linalg.norm(layer.u.numpy()) == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize("name", GOLDENS["cases"])
def test_agrees_with_tensorflow_addons(name):
    """From one kernel and one u; golden/make_spectral_goldens.py made the values."""
    golden = GOLDENS["cases"][name]
    kernel = np.asarray(golden["kernel"], np.float32)
    if kernel.ndim == 4:
        layer = SpectralConv2D(kernel.shape[-1], kernel.shape[0])
        layer.build((1, 4, 4, kernel.shape[2]))
    else:
        layer = SpectralDense(kernel.shape[-1])
        layer.build((1, kernel.shape[0]))
    layer.kernel.assign(kernel)
    layer.u.assign(np.asarray(golden["u"], np.float32))
    # Their last iteration is the one that our `normalized_kernel` runs.
    layer.refresh(golden["power_iterations"] - 1)
    np.testing.assert_allclose(
        layer.normalized_kernel(), golden["normalized_kernel"], rtol=1e-5, atol=1e-7
    )
    layer.refresh()
    np.testing.assert_allclose(layer.u.numpy(), golden["next_u"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bounded", [False, True])
def test_a_kernel_of_zeros_gives_0_and_learns(kind, bounded):
    layer, x = make(kind, 1.0, bounded=bounded, use_bias=False), tf.ones(KINDS[kind][1])
    layer.kernel.assign(tf.zeros_like(layer.kernel))
    layer.refresh(3)
    assert float(tf.norm(layer.u)) == pytest.approx(1.0, abs=1e-4)  # it can move on
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(layer(x))
    assert float(total) == 0.0
    gradient = tape.gradient(total, layer.kernel.value)
    assert bool(tf.reduce_all(tf.math.is_finite(gradient)))
    assert float(tf.norm(gradient)) > 0.0
    layer.kernel.assign(kernel_of_norm(layer.kernel.shape, 3.0))
    layer.refresh(CONVERGED)
    assert top_singular_value(layer.normalized_kernel()) == pytest.approx(1.0, abs=1e-3)
