"""Shapes of the U-Net, and that all of it learns."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import build_energy
from tests.ebm_tf.energy import level_networks as small


@pytest.mark.parametrize(
    "shape, changes",
    [
        ((8, 8, 1), {}),
        ((12, 8, 3), {"widths": (4, 6), "blocks": 2}),
        ((6, 6, 1), {"patch": 1, "widths": (3, 4)}),
        ((8, 8, 1), {"widths": (5,), "middle_blocks": 2}),
    ],
)
def test_every_weight_has_a_slope(shape, changes):
    energy = build_energy(small.unet(num_classes=3, **changes), shape, 0, PIXELS)
    small.stir(energy)
    x = rng.uniform(rng.make_seed(0), (5, *shape))
    given = {"labels": tf.constant([0, 1, 2, 0, 1]), "noise_level": tf.fill([5], 0.3)}
    with tf.GradientTape() as tape:
        found = energy(x, given)
    assert found.shape == (5,)
    for weight, slope in zip(
        energy.trainable_weights,
        tape.gradient(found, [w.value for w in energy.trainable_weights]),
        strict=True,
    ):
        assert slope is not None and np.any(np.asarray(slope) != 0.0), weight.path


def test_pixels_far_apart_are_seen_together():
    """The slope at one corner depends on the other: by the layer of all places."""
    energy = build_energy(small.unet(), (16, 16, 1), 0, PIXELS)
    small.stir(energy)
    x = np.full((1, 16, 16, 1), 0.4, np.float32)
    moved = x.copy()
    moved[0, 15, 15, 0] = 0.9

    def slope(y):
        y = tf.constant(y)
        with tf.GradientTape() as tape:
            tape.watch(y)
            found = energy(y, tf.fill([1], 0.2))
        return tape.gradient(found, y).numpy()[0, 0, 0, 0]

    assert abs(slope(moved) - slope(x)) > 1e-6


@pytest.mark.parametrize("shape", [(6, 8, 1), (8, 10, 1)])
def test_images_that_cannot_be_halved_are_refused(shape):
    with pytest.raises(ValueError, match="`state_shape` must be of height and width"):
        build_energy(small.unet(), shape, 0)
