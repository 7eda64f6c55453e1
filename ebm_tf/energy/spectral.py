"""Spectral normalization that `call` reads and only `refresh` moves.

An energy is evaluated some 60 times per update and has to be one function all
the while, so the power-iteration vector `u` is a weight that no forward pass
writes: the trainer calls `refresh_spectra` once per optimizer step. The gradient
flows through sigma: the layer computes with `kernel / sigma(kernel)`.

[1] Miyato et al., Spectral normalization for GANs, ICLR 2018.
    https://arxiv.org/abs/1802.05957
"""

import functools
from typing import NamedTuple

import keras
import tensorflow as tf

from ebm_tf.energy.sublayers import all_layers

# A normalized vector must stay one for kernels of 1e-10 too (the near-zero second
# convolution of a block), where the squares of TensorFlow's l2_normalize vanish.
_TINY = 1e-30
NEAR_ZERO_STD = 1e-10


class Spectrum(NamedTuple):
    """One power iteration's result.

    Attributes:
        sigma: Scalar, estimate of the largest singular value, from below.
        u: `[out]`, unit norm, estimate of its right singular vector.
    """

    sigma: tf.Tensor
    u: tf.Tensor


def _unit(x: tf.Tensor) -> tf.Tensor:
    x = x / (tf.reduce_max(tf.abs(x)) + _TINY)
    return x * tf.math.rsqrt(tf.reduce_sum(tf.square(x)) + _TINY)


def power_iterate(kernel: tf.Tensor, u: tf.Tensor) -> Spectrum:
    """One power iteration on `kernel` flattened to `[in, out]` [1].

    Args:
        kernel: Float `[..., out]`.
        u: `[out]`, any non-zero vector; a constant to the gradient.

    Returns:
        The spectrum; the gradient of `sigma` reaches `kernel`, that of `u` nothing.
    """
    w = _flat(kernel)
    left, right = _vectors(w, u[:, tf.newaxis])
    sigma = tf.matmul(left, tf.matmul(w, right), transpose_a=True)
    return Spectrum(tf.reshape(sigma, []), tf.reshape(right, [-1]))


def _flat(kernel: tf.Tensor) -> tf.Tensor:
    return tf.reshape(kernel, [-1, kernel.shape[-1]])


def _vectors(w: tf.Tensor, u: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns left and right singular vector, columns, after one power iteration."""
    # With no gradient on the way in, none is traced either.
    return _iteration(w.dtype)(tf.stop_gradient(w), tf.stop_gradient(u))


@functools.cache
def _iteration(dtype: tf.DType):
    """Returns one power iteration: a graph that is traced once for all layers."""

    def iterate(w, u):
        left = _unit(tf.matmul(w, u))
        return left, _unit(tf.matmul(w, left, transpose_a=True))

    matrix, column = (tf.TensorSpec([None, num], dtype) for num in (None, 1))
    return tf.function(iterate, autograph=False, input_signature=[matrix, column])


class _SpectralLayer(keras.layers.Layer):
    """What convolution and dense layer share: kernel, u, bias, normalization."""

    def __init__(self, *, bounded, use_bias, kernel_initializer, **kwargs):
        super().__init__(**kwargs)
        self.bounded, self.use_bias = bounded, use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def _add_weights(self, shape):
        # autocast=False: the power iteration runs in float32 under any policy.
        self.kernel = self.add_weight(
            name="kernel",
            shape=shape,
            initializer=self.kernel_initializer,
            autocast=False,
        )
        # Every replica computes the same u from the same kernel, so there is
        # nothing to aggregate, and the assignment is legal under XLA.
        self.u = self.add_weight(
            name="u",
            shape=shape[-1:],
            initializer="random_normal",
            trainable=False,
            aggregation="none",
            autocast=False,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias", shape=shape[-1:], initializer="zeros"
            )

    def normalized_kernel(self) -> tf.Tensor:
        """Returns `kernel / sigma`, or `kernel / max(sigma, 1)` when bounded.

        A kernel of zeros, which has no direction, is itself.
        """
        kernel = tf.convert_to_tensor(self.kernel)
        sigma = power_iterate(kernel, tf.convert_to_tensor(self.u)).sigma
        if self.bounded:
            sigma = tf.maximum(sigma, 1.0)
        else:
            sigma = tf.where(sigma == 0.0, 1.0, sigma)
        kernel /= sigma
        return tf.cast(kernel, self.compute_dtype)

    def _add_bias(self, x):
        return x if self.bias is None else x + tf.convert_to_tensor(self.bias)

    def refresh(self, num_iterations: int = 1) -> None:
        """Moves `u` by `num_iterations` power iterations; the only write to it.

        It stays where the kernel is all zeros: one that is zero would never move again.
        """
        w = _flat(tf.convert_to_tensor(self.kernel))
        u = tf.convert_to_tensor(self.u)[:, tf.newaxis]
        for _ in range(num_iterations):
            _, moved = _vectors(w, u)
            u = tf.where(tf.reduce_any(moved != 0.0), moved, u)
        self.u.assign(tf.reshape(u, [-1]))

    def get_config(self):
        return super().get_config() | {
            "bounded": self.bounded,
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }


class _SpectralConv(_SpectralLayer):
    """What the convolutions share; `_convolve` and `_num_axes` tell them apart."""

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        strides: int = 1,
        *,
        bounded: bool = False,
        use_bias: bool = False,
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(
            bounded=bounded,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            **kwargs,
        )
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides

    def build(self, input_shape):
        sizes = (self.kernel_size,) * self._num_axes
        self._add_weights((*sizes, input_shape[-1], self.filters))

    def call(self, x):
        x = self._convolve(x, self.normalized_kernel(), self.strides, "SAME")
        return self._add_bias(x)

    def get_config(self):
        names = ("filters", "kernel_size", "strides")
        return super().get_config() | {name: getattr(self, name) for name in names}


@keras.saving.register_keras_serializable(package="ebm_tf")
class SpectralConv2D(_SpectralConv):
    """Convolution by a kernel of spectral norm 1, "SAME" padding.

    The norm is that of the kernel flattened to `[height * width * in, out]`, as in
    [1] and in the paper's code; it bounds the convolution's only up to a factor of
    `kernel_size`.

    Input shape: `[B, H, W, C]`. Output shape: `[B, H', W', filters]`.

    Args:
        filters: Output channels.
        kernel_size: Height and width of the kernel.
        strides: Step of the convolution in both directions.
        bounded: Divide by `max(sigma, 1)`: a kernel below norm 1 stays as it is.
        use_bias: Whether to add a bias per filter.
        kernel_initializer: Anything `keras.initializers.get` takes.
        **kwargs: For `keras.layers.Layer`.
    """

    _num_axes, _convolve = 2, staticmethod(tf.nn.conv2d)


@keras.saving.register_keras_serializable(package="ebm_tf")
class SpectralConv1D(_SpectralConv):
    """Convolution in time by a kernel of spectral norm 1, "SAME" padding.

    As `SpectralConv2D`, with a kernel `[kernel_size, in, out]`.

    Input shape: `[B, T, C]`. Output shape: `[B, T', filters]`.
    """

    _num_axes, _convolve = 1, staticmethod(tf.nn.conv1d)


@keras.saving.register_keras_serializable(package="ebm_tf")
class SpectralDense(_SpectralLayer):
    """Dense layer with a kernel of spectral norm 1.

    Input shape: `[B, C]`. Output shape: `[B, units]`.

    Args:
        units: Output features.
        bounded: Divide by `max(sigma, 1)`: a kernel below norm 1 stays as it is.
        use_bias: Whether to add a bias per unit.
        kernel_initializer: Anything `keras.initializers.get` takes.
        **kwargs: For `keras.layers.Layer`.
    """

    def __init__(
        self,
        units: int,
        *,
        bounded: bool = False,
        use_bias: bool = True,
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(
            bounded=bounded,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            **kwargs,
        )
        self.units = units

    def build(self, input_shape):
        self._add_weights((input_shape[-1], self.units))

    def call(self, x):
        return self._add_bias(tf.matmul(x, self.normalized_kernel()))

    def get_config(self):
        return super().get_config() | {"units": self.units}


def refresh_spectra(model: keras.Model, num_iterations: int = 1) -> None:
    """Moves `u` of every spectral layer of `model` by so many power iterations."""
    for layer in all_layers(model):
        if isinstance(layer, _SpectralLayer):
            layer.refresh(num_iterations)
