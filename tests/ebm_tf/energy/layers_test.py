"""Activations by hand counts; initial kernels by their spread."""

import keras
import numpy as np
import pytest

from ebm_tf.energy import layers
from ebm_tf.energy.config import ACTIVATIONS, KERNEL_INITIALIZERS
from ebm_tf.energy.networks.mlp import MlpConfig
from ebm_tf.energy.spectral import SpectralDense


@pytest.mark.parametrize(
    ("name", "at_minus_two", "at_two"),
    [
        ("leaky_relu", -0.4, 2.0),
        ("relu", 0.0, 2.0),
        ("swish", -2.0 / (1.0 + np.e**2), 2.0 / (1.0 + np.e**-2)),
    ],
)
def test_activations(name, at_minus_two, at_two):
    values = layers.activation(name)(np.float32([-2.0, 0.0, 2.0]))
    np.testing.assert_allclose(values, [at_minus_two, 0.0, at_two], rtol=1e-6)


def test_every_name_of_a_configuration_is_known():
    assert all(callable(layers.activation(name)) for name in ACTIVATIONS)
    for name in KERNEL_INITIALIZERS:
        made = layers.kernel_initializer(name)
        assert isinstance(made, keras.initializers.Initializer)


def test_unit_normal_has_unit_spread():
    draw = np.asarray(layers.kernel_initializer("unit_normal")((200, 200)))
    error = 5 / np.sqrt(2 * draw.size)
    assert error < 0.02
    assert abs(draw.std() - 1.0) < error


@pytest.mark.parametrize(
    ("normalize", "kind"), [(True, SpectralDense), (False, keras.layers.Dense)]
)
def test_the_head_is_normalized_if_the_configuration_says_so(normalize, kind):
    config = MlpConfig(
        widths=(2,),
        scale=1.0,
        activation="relu",
        kernel_initializer="glorot_uniform",
        normalize_head=normalize,
    )
    head = layers.head(config)
    assert type(head) is kind
    assert head(np.ones([3, 5], np.float32)).shape == (3, 1)
