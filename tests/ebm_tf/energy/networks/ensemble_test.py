"""Settings of the network `ensemble`: what is refused."""

import pytest

from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.ensemble import EnsembleConfig
from tests.ebm_tf.energy.small_networks import NETWORKS, resnet_config


def test_it_is_registered_and_has_the_axes_of_its_network():
    config = EnsembleConfig(num_members=2, network=resnet_config(3))
    assert NetworkConfig.of_kind("ensemble") is type(config)
    assert config.num_axes == 3 and config.num_classes == 3


def test_one_network_is_refused():
    with pytest.raises(ValueError, match="`num_members` must be at least 2"):
        EnsembleConfig(num_members=1, network=resnet_config(None))


def test_any_network_can_be_a_member():
    for network, shape in NETWORKS.values():
        axes = EnsembleConfig(num_members=2, network=network).num_axes
        assert axes in (len(shape), None)
