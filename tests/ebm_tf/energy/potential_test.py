"""One energy for any amount of noise: all of it learns, classes too."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import build_energy, load_energy, save_energy
from ebm_tf.energy.networks.potential import PotentialConfig
from tests.ebm_tf.energy import level_networks as small

SHAPE = (8, 8, 1)


def network(**changes):
    fields = {
        "embedding": 4,
        "patch": 2,
        "widths": (3, 4),
        "blocks": 1,
        "middle_blocks": 1,
    }
    return PotentialConfig(**fields | changes)


@pytest.fixture(scope="module")
def energy():
    made = build_energy(network(num_classes=3), SHAPE, 0, PIXELS)
    small.stir(made)
    return made


def test_every_weight_has_a_slope(energy):
    x = rng.uniform(rng.make_seed(0), (5, *SHAPE))
    with tf.GradientTape() as tape:
        found = energy(x, tf.constant([0, 1, 2, 0, 1]))
    assert found.shape == (5,) and found.dtype == tf.float32
    for weight, slope in zip(
        energy.trainable_weights,
        tape.gradient(found, [w.value for w in energy.trainable_weights]),
        strict=True,
    ):
        assert slope is not None and np.any(np.asarray(slope) != 0.0), weight.path


def test_rows_are_apart_and_a_file_holds_all(energy, tmp_path):
    x, labels = rng.uniform(rng.make_seed(0), (4, *SHAPE)), tf.constant([0, 1, 2, 0])
    found = energy(x, labels)
    np.testing.assert_allclose(energy(x[2:3], labels[2:3]), found[2:3], rtol=1e-4)
    assert len(set(energy(tf.repeat(x[:1], 3, 0), tf.range(3)).numpy())) == 3
    path = str(tmp_path / "energy.keras")
    save_energy(energy, path)
    np.testing.assert_array_equal(load_energy(path)(x, labels), found)


def test_a_new_one_is_flat():
    x = rng.uniform(rng.make_seed(0), (3, *SHAPE))
    np.testing.assert_array_equal(build_energy(network(), SHAPE, 0)(x), np.zeros(3))


def test_images_that_cannot_be_halved_are_refused():
    with pytest.raises(ValueError, match="`state_shape` must be of height and width"):
        build_energy(network(), (6, 6, 1), 0)
