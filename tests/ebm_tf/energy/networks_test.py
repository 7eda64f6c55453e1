"""Every configuration of a network has its network."""

import typing

from ebm_tf.energy.config import NetworkConfig
from ebm_tf.energy.networks import NETWORKS


def test_table_is_complete():
    assert set(NETWORKS) == set(typing.get_args(NetworkConfig))
    for config_class, network_class in NETWORKS.items():
        assert network_class.config_class is config_class
