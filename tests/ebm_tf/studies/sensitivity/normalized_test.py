"""Normalized over a batch an energy depends on others' states; within a state not."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.convnet import ConvNetConfig
from ebm_tf.studies.sensitivity.normalized import normalize

NETWORK = ConvNetConfig(
    stem_filters=3,
    filters=4,
    activation="relu",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
)
X = rng.uniform(rng.make_seed(1), [6, 4, 4, 1])


@pytest.mark.parametrize("kind, depends", [("batch", True), ("layer", False)])
def test_who_depends_on_whom(kind, depends):
    energy = build_energy(NETWORK, (4, 4, 1), seed=0)
    plain = energy(X).numpy()
    normalize(energy, kind)
    together, alone = energy(X).numpy(), energy(X[:3]).numpy()
    assert np.abs(together - plain).max() > 0.01
    gap = np.abs(together[:3] - alone).max()
    assert gap > 0.01 if depends else gap < 1e-5


@pytest.mark.parametrize("kind, axes", [("batch", (0, 1, 2)), ("layer", (1, 2, 3))])
def test_features_have_mean_0_and_deviation_1(kind, axes):
    energy, seen = build_energy(NETWORK, (4, 4, 1), seed=0), []
    energy.act = lambda x: seen.append(x.numpy()) or tf.nn.relu(x)
    normalize(energy, kind)
    energy(X)
    assert seen[0].shape == (6, 4, 4, 3)
    np.testing.assert_allclose(seen[0].mean(axis=axes), 0.0, atol=1e-5)
    np.testing.assert_allclose(seen[0].std(axis=axes), 1.0, atol=0.01)


def test_what_cannot_be_normalized():
    energy = build_energy(NETWORK, (4, 4, 1), seed=0)
    with pytest.raises(ValueError, match="`kind` must be one of batch, layer"):
        normalize(energy, "group")
    del energy.act
    with pytest.raises(ValueError, match="`network` must be one with an activation"):
        normalize(energy, "batch")
