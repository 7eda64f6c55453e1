"""The registry of networks: built-in ones, and one that a single file adds."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from ebm_tf import registry
from ebm_tf.energy import build
from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.ensemble import EnsembleConfig
from ebm_tf.energy.networks.mlp import MlpConfig
from tests import forget

PLUGIN = "tests.plugins.bowl"
BUILT_IN = {
    "class_mlp",
    "composition",
    "convnet",
    "custom",
    "ensemble",
    "mlp",
    "multi_scale",
    "potential",
    "residual",
    "level_mlp",
    "unet",
    "resnet",
    "sequence",
    "sprites_net",
}
LAYERS = {
    "activation": "swish",
    "kernel_initializer": "glorot_uniform",
    "normalize_head": False,
}


def test_networks_are_listed_without_tensorflow():
    code = (
        "import sys; from ebm_tf.energy.networks import NetworkConfig; "
        "print(*NetworkConfig.kinds()); assert 'tensorflow' not in sys.modules"
    )
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(found.stdout.split()) == BUILT_IN


def test_every_kind_has_a_class_that_knows_its_settings():
    for kind in BUILT_IN:
        config_class = NetworkConfig.of_kind(kind)
        assert config_class.kind == kind
        assert config_class.network_class().config_class is config_class


def test_unknown_kind_is_refused_with_the_nearest():
    text = "registered network, one of .*resnet.*did you mean resnet"
    with pytest.raises(ValueError, match=text):
        NetworkConfig.of_kind("resnett")


def test_settings_without_a_network_say_so():
    with pytest.raises(NotImplementedError, match="NetworkConfig has no"):
        NetworkConfig().make((2,))


@pytest.fixture
def bowl():
    with forget.registered():
        registry.import_module(PLUGIN)
        yield


@pytest.mark.usefixtures("bowl")
def test_one_file_adds_a_network(tmp_path):
    config = NetworkConfig.of_kind("bowl")(stiffness=3.0)
    model = build.build_energy(config, (2,), seed=0)
    model.center.assign([1.0, -1.0])
    x = np.float32([[1.0, -1.0], [2.0, 1.0]])
    np.testing.assert_allclose(model(x), [0.0, 7.5])
    path = str(tmp_path / "model.keras")
    build.save_energy(model, path)
    loaded = build.load_energy(path)
    assert loaded.config == config
    np.testing.assert_array_equal(loaded(x), model(x))
    both = build.build_energy(EnsembleConfig(num_members=2, network=config), (2,), 0)
    assert both(x).shape == (2,)


def test_condition_of_parts_is_that_of_one():
    network = MlpConfig(
        widths=(4,),
        scale=1.0,
        num_classes=3,
        noise_levels=NoiseLevelConfig(low=0.1, high=1.0),
        **LAYERS,
    )
    config = EnsembleConfig(num_members=2, network=network)
    assert config.num_classes == 3 and config.label_dims is None
    assert config.noise_levels == network.noise_levels and config.num_axes is None


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"num_classes": 1}, "`num_classes` must be at least 2"),
        ({"label_dims": 63}, "`label_dims` must be at most 62"),
        ({"num_classes": 2, "label_dims": 2}, "`label_dims` must be null where"),
    ],
)
def test_wrong_conditions_are_refused(changes, text):
    with pytest.raises(ValueError, match=text):
        MlpConfig(widths=(4,), scale=1.0, **LAYERS, **changes)


def test_keras_finds_the_classes_of_built_in_networks(tmp_path):
    model = build.build_energy(MlpConfig(widths=(4,), scale=1.0, **LAYERS), (2,), 0)
    path = str(tmp_path / "model.keras")
    model.save(path)
    x = np.float32([[1.0, -1.0], [2.0, 1.0]])
    loaded = keras.models.load_model(path, compile=False)
    np.testing.assert_array_equal(loaded(x), model(x))
