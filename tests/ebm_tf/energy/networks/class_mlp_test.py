"""Settings of the network whose classes share no weight."""

import pytest

from ebm_tf import settings
from ebm_tf.energy.class_mlp import ClassMlpEnergy
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.class_mlp import ClassMlpConfig

CONFIG = ClassMlpConfig(num_classes=3, width=5)


def test_it_is_found_by_its_kind_and_read_as_written():
    assert NetworkConfig.of_kind("class_mlp") is ClassMlpConfig
    assert settings.from_dict(NetworkConfig, settings.to_dict(CONFIG)) == CONFIG
    assert CONFIG.network_class() is ClassMlpEnergy
    assert CONFIG.num_activations((2, 3, 1)) == 15


@pytest.mark.parametrize(
    "name, value", [("num_classes", 1), ("width", 0), ("activation", "tanh")]
)
def test_bad_settings_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        ClassMlpConfig(**({"num_classes": 3, "width": 5} | {name: value}))
