"""What every network knows of itself, in files of today and of format 1."""

import dataclasses
import json
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import OpenSpace
from ebm_tf.energy import build
from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.energy.mlp import MlpEnergy
from ebm_tf.energy.networks.ensemble import EnsembleConfig
from ebm_tf.energy.networks.mlp import MlpConfig
from tests.ebm_tf.energy.small_networks import NETWORKS, arguments, draw_weights

CONFIG = MlpConfig(
    widths=(3, 4),
    scale=2.0,
    activation="swish",
    kernel_initializer="he_normal",
    normalize_head=True,
)


def test_it_is_built_when_made_and_knows_its_shape():
    model = MlpEnergy(CONFIG, (2,))
    assert model.built and model.state_shape == (2,) and model.num_classes is None
    assert model(np.zeros([5, 2], np.float32)).shape == (5,)


def test_it_can_be_made_again_from_its_configuration():
    model = MlpEnergy(CONFIG, (2,))
    copy = MlpEnergy.from_config(model.get_config())
    assert copy.config == CONFIG and copy.state_shape == (2,)
    copy.set_weights(model.get_weights())
    x = np.float32([[0.3, -1.0], [2.0, 0.5]])
    np.testing.assert_array_equal(copy(x), model(x))


def test_two_instances_name_their_variables_alike():
    one, two = MlpEnergy(CONFIG, (2,)), MlpEnergy(CONFIG, (2,))
    assert [v.path for v in one.variables] == [v.path for v in two.variables]
    assert len({v.path for v in one.variables}) == len(one.variables)


def test_its_configuration_may_hold_others():
    levels = NoiseLevelConfig(low=0.1, high=1.0)
    network = dataclasses.replace(CONFIG, noise_levels=levels)
    config = EnsembleConfig(num_members=2, network=network)
    model = config.make((2,))
    assert type(model).from_config(model.get_config()).config == config


def test_settings_that_a_stored_network_does_not_have_are_the_defaults():
    data = MlpEnergy(CONFIG, (2,)).get_config()
    for name in ("num_classes", "label_dims", "noise_levels"):
        del data["config"][name]
    assert MlpEnergy.from_config(data).config == CONFIG


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_of_format_1_names_its_layers_in_a_file(name, tmp_path):
    config, shape = NETWORKS[name]
    model = build.build_energy(config, shape, seed=0)
    draw_weights(model, seed=1)
    data = model.get_config()
    assert data.pop("format") == 2
    old = type(model).from_config(data)
    for variable, source in zip(old.variables, model.variables, strict=True):
        assert variable.path == source.path
        variable.assign(source)
    path = str(tmp_path / "model.keras")
    build.save_energy(old, path)
    with zipfile.ZipFile(path) as archive:
        assert b'"format"' not in archive.read("config.json")
    for load in (build.load_energy, keras.models.load_model):
        loaded = load(path)
        assert "format" not in loaded.get_config()
        given = arguments(name)
        np.testing.assert_array_equal(loaded(*given), model(*given))


def test_it_says_the_space_that_it_is_an_energy_on():
    space = OpenSpace(mean=(0.0, 1.0), std=2.0)
    model = MlpEnergy(CONFIG, (2,), space=space)
    config = json.loads(json.dumps(model.get_config()))
    assert MlpEnergy.from_config(config).space == space
    old = {name: value for name, value in config.items() if name != "space"}
    assert MlpEnergy.from_config(old).space is None
    assert MlpEnergy.from_config(MlpEnergy(CONFIG, (2,)).get_config()).space is None


def test_states_of_several_axes_are_put_in_a_row():
    flat, cube = MlpEnergy(CONFIG, (6,)), MlpEnergy(CONFIG, (1, 3, 2))
    cube.set_weights(flat.get_weights())
    x = np.random.default_rng(0).random([4, 6], np.float32)
    np.testing.assert_array_equal(cube(x.reshape(4, 1, 3, 2)), flat(x))


class Wrong(MlpEnergy):
    """Returns what its `shape_of` makes of the energies."""

    shape_of = staticmethod(lambda energy: energy[:, None])

    def call(self, x, condition=None):
        return self.shape_of(super().call(x, condition))


@pytest.mark.parametrize(
    "shape_of", [lambda e: e[:, None], keras.ops.sum, lambda e: e[:1]]
)
def test_a_network_that_returns_no_energy_for_each_state_is_refused(shape_of):
    cls = type("Mine", (Wrong,), {"shape_of": staticmethod(shape_of)})
    with pytest.raises(ValueError, match=r"`Mine` must be a function that returns \[B"):
        cls(CONFIG, (2,))


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_of_another_shape_is_refused_before_any_layer_sees_it(name):
    config, shape = NETWORKS[name]
    energy, (x, *labels) = build.build_energy(config, shape, 0), arguments(name)
    assert energy(x, *labels).shape == (4,)
    wrong = [x[..., 0], x[..., None], tf.concat([x, x], axis=-1), x[0]]
    for states in wrong:
        with pytest.raises(ValueError, match="`x` must be states of shape"):
            energy(states, *labels)
    with pytest.raises(TypeError, match="`x` must be floats"):
        energy(tf.cast(x, tf.uint8), *labels)
    for given in labels:
        with pytest.raises(ValueError, match="as of B = 4 states"):
            energy(x, tf.nest.map_structure(lambda part: part[:3], given))
