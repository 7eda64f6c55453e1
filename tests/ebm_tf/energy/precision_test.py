"""Networks that compute in bfloat16, with the weights they had."""

import keras
import numpy as np
import pytest

from ebm_tf.energy import precision
from ebm_tf.energy.build import build_energy
from ebm_tf.sampling.langevin import energy_gradient
from tests.ebm_tf.energy.small_networks import NETWORKS, arguments


def test_a_type_it_has_already_is_the_model_itself():
    model = build_energy(*NETWORKS["convnet"], seed=0)
    assert precision.in_dtype(model, "float32") is model
    with pytest.raises(ValueError, match="`dtype` must be one of float32, bfloat16"):
        precision.in_dtype(model, "float16")


@pytest.mark.parametrize("name", ["convnet", "resnet"])
def test_bfloat16_rounds_energies_and_gradients_and_nothing_else(name):
    model = build_energy(*NETWORKS[name], seed=0)
    other = precision.in_dtype(model, "bfloat16")
    assert keras.config.dtype_policy().name == "float32"  # as before
    for variable, source in zip(other.variables, model.variables, strict=True):
        assert variable.path == source.path and variable.dtype == "float32"
        np.testing.assert_array_equal(variable, source)
    x, *labels = arguments(name)
    exact, coarse = (m(x, *labels).numpy() for m in (model, other))
    assert coarse.dtype == np.float32 and np.any(exact != coarse)
    np.testing.assert_allclose(coarse, exact, atol=0.03 * np.abs(exact).max())
    exact, coarse = (
        energy_gradient(lambda x, m=m: m(x, *labels), x).numpy() for m in (model, other)
    )
    assert coarse.dtype == np.float32
    assert np.corrcoef(exact.ravel(), coarse.ravel())[0, 1] > 0.99
    back = precision.in_dtype(other, "float32")
    np.testing.assert_array_equal(back(x, *labels), model(x, *labels))
