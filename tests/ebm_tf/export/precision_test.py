"""Networks that compute in bfloat16, with the weights they had."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.energy.build import build_energy
from ebm_tf.export import precision
from ebm_tf.sampling.langevin import energy_gradient
from tests.ebm_tf.export import small


def test_float32_is_the_model_itself():
    model = build_energy(small.CONVNET, small.SHAPE, seed=0)
    assert precision.in_dtype(model, "float32") is model


@pytest.mark.parametrize("config", [small.CONVNET, small.RESNET], ids=["conv", "res"])
def test_bfloat16_rounds_energies_and_gradients_and_nothing_else(config):
    model = build_energy(config, small.SHAPE, seed=0)
    other = precision.in_dtype(model, "bfloat16")
    assert keras.config.dtype_policy().name == "float32"  # as before
    for variable, source in zip(other.variables, model.variables, strict=True):
        assert variable.path == source.path and variable.dtype == "float32"
        np.testing.assert_array_equal(variable, source)
    x = small.images(4)
    labels = [] if model.num_classes is None else [tf.constant([0, 1, 2, 0])]
    exact, coarse = (m(x, *labels).numpy() for m in (model, other))
    assert coarse.dtype == np.float32 and np.any(exact != coarse)
    np.testing.assert_allclose(coarse, exact, atol=0.03 * np.abs(exact).max())
    exact, coarse = (
        energy_gradient(lambda x, m=m: m(x, *labels), x).numpy() for m in (model, other)
    )
    assert coarse.dtype == np.float32
    assert np.corrcoef(exact.ravel(), coarse.ravel())[0, 1] > 0.99
