"""Networks that are functions: no layer in them draws, keeps statistics or writes."""

import keras

from ebm_tf import checks
from ebm_tf.energy.sublayers import all_layers

# What computes another energy in training than after it.
_RANDOM_OR_BATCH = (
    keras.layers.AlphaDropout,
    keras.layers.BatchNormalization,
    keras.layers.Dropout,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
)


def require_pure_layers(model: keras.layers.Layer, name: str = "model") -> None:
    """Raises `ValueError` if a layer of a model keeps it from being a function.

    An energy is one function in chains, in training and after it. Dropout and noise
    draw, batch statistics make an energy depend on the other rows, and
    `keras.layers.SpectralNormalization` writes its kernel in training and does nothing
    outside of it. Dropout of rate 0 is none.

    Args:
        model: A model, or a layer.
        name: What the message calls it.
    """
    for layer in all_layers(model):
        what = f"{type(layer).__name__} {layer.name!r}"
        if isinstance(layer, keras.layers.SpectralNormalization):
            rule = (
                "without layers that write their kernel when they are called: use "
                "SpectralConv2D, SpectralConv1D or SpectralDense of "
                "ebm_tf.energy.spectral"
            )
            checks.require(False, name, rule, what)
        rule = "without layers that compute another energy in training"
        acts = isinstance(layer, _RANDOM_OR_BATCH) and getattr(layer, "rate", 1) != 0
        checks.require(not acts, name, rule, what)
