"""Part of dSprites in fewer pixels."""

import dataclasses

import numpy as np
import pytest

from ebm_tf.data.config import ImagesConfig
from ebm_tf.data.sources import base
from ebm_tf.data.sources.small_sprites import SmallSprites

IMAGES = ImagesConfig(size=16, channels=1, corrupt="fail", test_share=0.1)


def test_it_is_drawn_at_the_size_asked_for():
    source = base.load("small_sprites", None, ("scale", "x"), IMAGES)
    assert source.shape == (16, 16, 1) and source.label_names == ("scale", "x")
    counts = {name: split.num_examples for name, split in source.splits.items()}
    assert counts == {"train": 20_000, "test": 2_000}
    pictures, labels = next(source.splits["test"].chunks())
    assert pictures.shape[1:] == (16, 16, 1) and pictures.dtype == np.uint8
    # A larger shape is brighter, one further to the right has its centre there.
    mass = pictures.sum(axis=(1, 2, 3), dtype=np.float64)
    assert np.corrcoef(mass, labels[:, 0])[0, 1] > 0.9
    place = pictures[..., 0].sum(axis=1, dtype=np.float64) @ np.arange(16) / mass
    assert np.corrcoef(place, labels[:, 1])[0, 1] > 0.95


@pytest.mark.parametrize(
    "changes, name",
    [
        ({"size": 8}, "size"),
        ({"size": (16, 20)}, "size"),
        ({"channels": 3}, "channels"),
    ],
)
def test_sizes_that_it_has_not_are_refused(changes, name):
    with pytest.raises(ValueError, match=f"`images.{name}` must be"):
        SmallSprites().read(None, (), dataclasses.replace(IMAGES, **changes))
