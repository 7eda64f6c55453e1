"""Sizes of a U-Net: which images it can halve so often is known before it is made."""

import dataclasses

import pytest

from ebm_tf.energy.networks.potential import PotentialConfig

SMALL = PotentialConfig(
    embedding=4, patch=2, widths=(4, 8, 8), blocks=1, middle_blocks=1
)


def test_a_place_of_the_coarsest_resolution_is_the_patch_doubled_for_each_width():
    assert SMALL.side == 8
    assert dataclasses.replace(SMALL, widths=(4,)).side == 2


def test_images_must_be_of_whole_places():
    SMALL.require_states((16, 24, 3), 256)
    with pytest.raises(ValueError, match=r"places of 8 pixels divide images"):
        SMALL.require_states((16, 28, 3), 256)


@pytest.mark.parametrize("name", ["patch", "blocks", "middle_blocks"])
def test_bad_sizes_are_named(name):
    with pytest.raises(ValueError, match=f"`{name}` must be at least 1"):
        dataclasses.replace(SMALL, **{name: 0})
