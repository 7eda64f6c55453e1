"""The energy of an ensemble is the mean of its members'."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.energy import build
from ebm_tf.energy.networks.ensemble import EnsembleConfig
from ebm_tf.energy.networks.mlp import MlpConfig
from tests.ebm_tf.energy.small_networks import draw_weights, resnet_config

MLP = MlpConfig(
    widths=(8, 4),
    scale=3.0,
    activation="swish",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
)


def make(network, shape):
    config = EnsembleConfig(num_members=3, network=network)
    return build.build_energy(config, shape, seed=0)


def test_energy_is_the_mean_of_different_members():
    model = make(MLP, (2,))
    x = tf.random.stateless_normal([5, 2], [1, 2])
    parts = np.stack([member(x) for member in model.members])
    assert np.ptp(parts, axis=0).min() > 1e-3
    np.testing.assert_allclose(model(x), parts.mean(axis=0), rtol=1e-5)
    paths = [weight.path for weight in model.weights]
    assert len(set(paths)) == len(paths)


def test_it_comes_back_from_a_file_with_labels_and_all(tmp_path):
    model = make(resnet_config(3), (8, 8, 1))
    draw_weights(model, seed=2)
    path = str(tmp_path / "model.keras")
    build.save_energy(model, path)
    loaded = build.load_energy(path)
    assert loaded.config == model.config
    x, labels = tf.random.stateless_uniform([4, 8, 8, 1], [1, 2]), tf.range(4) % 3
    np.testing.assert_array_equal(loaded(x, labels), model(x, labels))


def test_one_member_is_no_ensemble():
    with pytest.raises(ValueError, match="`num_members` must be at least 2"):
        EnsembleConfig(num_members=1, network=MLP)
