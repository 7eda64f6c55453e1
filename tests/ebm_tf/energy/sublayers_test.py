"""Every layer is found, wherever it is kept, once and in a fixed order."""

import keras
import pytest

from ebm_tf.energy import build
from ebm_tf.energy.sublayers import all_layers
from tests.ebm_tf.energy.small_networks import NETWORKS


class Nested(keras.layers.Layer):
    """A layer that keeps layers in an attribute, a list and a dict."""

    def __init__(self):
        super().__init__(name="nested")
        self._hidden = keras.layers.Dense(1, name="hidden")
        self.listed = [(keras.layers.Dense(1, name="in_list"),)]
        self.named = {"key": keras.layers.Dense(1, name="in_dict")}
        self.twice = self._hidden
        self.wrapped = keras.layers.TimeDistributed(
            keras.layers.Dense(1, name="wrapped"), name="wrapper"
        )

    def call(self, x):
        return x


def test_layers_are_found_where_they_are_kept():
    inner = keras.Sequential([keras.Input([3]), Nested()], name="inner")
    names = [
        layer.name for layer in all_layers(keras.Sequential([inner], name="outer"))
    ]
    found = ["outer", "inner", "nested", "hidden", "in_list", "in_dict", "wrapper"]
    assert set(found) | {"wrapped"} == set(names)
    assert len(names) == len(set(names))
    assert names.index("outer") == 0
    assert names.index("inner") < names.index("nested") < names.index("hidden")


@pytest.mark.parametrize("name", NETWORKS)
def test_every_weight_of_a_network_is_of_one_of_its_layers(name):
    model = build.build_energy(*NETWORKS[name], seed=0)
    layers = all_layers(model)
    assert len({id(layer) for layer in layers}) == len(layers)
    kernels = [w.path for w in model.weights if w.path.endswith("/kernel")]
    owned = [layer.kernel.path for layer in layers if hasattr(layer, "kernel")]
    assert sorted(owned) == sorted(kernels) and kernels


def test_order_within_a_block_is_that_of_stored_seeds():
    model = build.build_energy(*NETWORKS["resnet"], seed=0)
    names = [layer.name for layer in all_layers(model)]
    assert names[:6] == [
        "energy",
        "stem",
        "stage_1_block_1",
        "conv_2",
        "conv_1",
        "stage_2_block_1",
    ]
    assert names[6:9] == ["shortcut", "conv_2", "conv_1"]
