"""Settings of the network `multi_scale`: what is refused."""

import pytest

from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.multi_scale import MultiScaleConfig
from tests.ebm_tf.energy.small_networks import NETWORKS, resnet_config


def test_it_is_registered_and_has_the_axes_of_its_network():
    config = MultiScaleConfig(num_scales=2, network=resnet_config(3))
    assert NetworkConfig.of_kind("multi_scale") is type(config)
    assert config.num_axes == 3 and config.num_classes == 3


def test_one_network_is_refused():
    with pytest.raises(ValueError, match="`num_scales` must be at least 2"):
        MultiScaleConfig(num_scales=1, network=resnet_config(None))


def test_a_network_of_sequences_is_refused():
    network, _ = NETWORKS["sequence"]
    with pytest.raises(ValueError, match="`network` must be one for images"):
        MultiScaleConfig(num_scales=2, network=network)
