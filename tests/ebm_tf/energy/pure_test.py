"""Layers that keep an energy from being a function are refused by name."""

import keras
import pytest

from ebm_tf.energy.pure import require_pure_layers
from ebm_tf.energy.spectral import SpectralDense

BAD = {
    "AlphaDropout": lambda: keras.layers.AlphaDropout(0.1),
    "BatchNormalization": keras.layers.BatchNormalization,
    "Dropout": lambda: keras.layers.Dropout(0.1),
    "GaussianDropout": lambda: keras.layers.GaussianDropout(0.1),
    "GaussianNoise": lambda: keras.layers.GaussianNoise(0.1),
    "SpectralNormalization": lambda: keras.layers.SpectralNormalization(
        keras.layers.Dense(3)
    ),
}


class Block(keras.layers.Layer):
    """A layer that keeps another in a dict."""

    def __init__(self, inner):
        super().__init__()
        self.parts = {"first": [inner]}

    def call(self, x):
        return self.parts["first"][0](x)


@pytest.mark.parametrize("name", BAD)
def test_wherever_it_is_it_is_named(name):
    for wrap in (lambda layer: layer, Block):
        model = keras.Sequential([keras.Input((4,)), wrap(BAD[name]())])
        with pytest.raises(ValueError) as caught:
            require_pure_layers(model, "energy")
        assert str(caught.value).startswith("`energy` must be without layers that ")
        assert name in str(caught.value) and "\n" not in str(caught.value)


def test_functions_pass():
    layers = [SpectralDense(4), keras.layers.Dropout(0.0), keras.layers.Dense(1)]
    layers += [keras.layers.LayerNormalization(), keras.layers.GroupNormalization(1)]
    require_pure_layers(keras.Sequential([keras.Input((4,)), *layers]))
