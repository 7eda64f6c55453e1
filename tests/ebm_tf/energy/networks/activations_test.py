"""Numbers that activation functions give, counted in the graph of each network."""

import math

import pytest
import tensorflow as tf

from ebm_tf.energy import build
from ebm_tf.energy.networks.ensemble import EnsembleConfig
from ebm_tf.energy.networks.residual import ResidualBaseConfig, ResidualConfig
from tests.ebm_tf.energy.small_networks import NETWORKS, arguments

# Each activation has one of these; a ReLU is what comes before the head alone.
OPERATIONS = {"LeakyRelu", "Sigmoid", "Softplus"}
NUM = 4


def counted(model, inputs) -> int:
    """Returns the numbers that activation functions give for one state."""
    graph = tf.function(lambda *args: model(*args)).get_concrete_function(*inputs).graph
    shapes = [
        operation.outputs[0].shape
        for operation in graph.get_operations()
        if operation.type in OPERATIONS
    ]
    return sum(math.prod(shape) for shape in shapes) // NUM


@pytest.mark.parametrize(
    "name", ["convnet", "conditional", "multi_scale", "sprites_net", "sequence", "mlp"]
)
def test_as_many_as_in_the_graph(name):
    config, shape = NETWORKS[name]
    model = build.build_energy(config, shape, seed=0)
    found = config.num_activations(shape)
    assert found == counted(model, arguments(name, NUM)) > 0
    two = EnsembleConfig(num_members=2, network=config)
    assert two.num_activations(shape) == 2 * found


def test_of_odd_sides_too():
    config, _ = NETWORKS["convnet"]
    model = build.build_energy(config, (7, 5, 1), seed=0)
    inputs = [tf.zeros([NUM, 7, 5, 1])]
    assert config.num_activations((7, 5, 1)) == counted(model, inputs)


def test_of_a_residual_network_those_after_its_features():
    base = ResidualBaseConfig(kind="logit_gaussian", min_std=0.1)
    config = ResidualConfig(base=base, filters=(4, 6), dense=5, units=7, slope=1.0)
    model = build.build_energy(config, (8, 8, 1), seed=0)
    features = 2 * 8 * 8
    num = counted(model, [tf.fill([NUM, 8, 8, 1], 0.5)]) - features
    assert num == config.num_activations((8, 8, 1)) == 4 * 16 + 6 * 4 + 5 + 7
