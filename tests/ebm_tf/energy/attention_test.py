"""Self-attention: nothing at first, then a mean over places, written out."""

import keras
import numpy as np
import tensorflow as tf

from ebm_tf.energy.attention import SelfAttention
from ebm_tf.energy.spectral import refresh_spectra

X = np.random.default_rng(0).standard_normal((2, 3, 4, 16)).astype(np.float32)


def make():
    layer = SelfAttention("glorot_uniform")
    layer(tf.constant(X))
    return layer


def test_a_new_layer_changes_nothing():
    np.testing.assert_array_equal(make()(tf.constant(X)), X)


def test_attention_written_out():
    layer = make()
    layer.gamma.assign(0.5)
    flat = X.reshape(2, 12, 16).astype(np.float64)

    def times(conv):
        return flat @ conv.normalized_kernel().numpy()[0, 0]

    scores = np.einsum("bik,bjk->bij", times(layer.query), times(layer.key))
    share = np.exp(scores) / np.exp(scores).sum(axis=2, keepdims=True)
    change = 0.5 * np.einsum("bij,bjc->bic", share, times(layer.value))
    assert np.abs(change).max() > 0.05
    expected = X + change.reshape(X.shape)
    np.testing.assert_allclose(layer(tf.constant(X)), expected, atol=1e-5)
    assert layer.query.filters == 2 and layer.value.filters == 16


def test_its_kernels_are_normalized_and_gamma_learns():
    keras.utils.set_random_seed(0)
    layer = make()
    model = keras.Sequential([layer])
    model(tf.constant(X))
    refresh_spectra(model, 400)  # two singular values may be near
    for conv in (layer.query, layer.key, layer.value):
        matrix = conv.normalized_kernel().numpy()[0, 0]
        norm = np.linalg.svd(matrix, compute_uv=False)[0]
        np.testing.assert_allclose(norm, 1.0, rtol=1e-3)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(layer(tf.constant(X))))
    assert abs(float(tape.gradient(loss, layer.gamma.value))) > 1e-3
