"""A moving picture has all times and chains, and is not larger than it may be."""

import numpy as np
import pytest
from PIL import Image

from tools import moving_picture

NOISE = np.random.default_rng(0).integers(0, 256, (5, 6, 8, 8, 1)).astype(np.uint8)


def test_the_picture_moves_and_is_bounded(tmp_path):
    path = tmp_path / "chains.gif"
    size = moving_picture.write(NOISE, str(path), 3, 100_000)
    assert size == path.stat().st_size > 1000
    with Image.open(path) as image:
        assert image.n_frames == 5
        assert image.width > 3 * 16 and image.height > 2 * 16
        assert len(image.convert("L").getcolors()) <= 17  # the frame between too
    with pytest.raises(ValueError, match=f"`max_bytes` must be {size} or more"):
        moving_picture.write(NOISE, str(tmp_path / "other.gif"), 3, size - 1)
    assert [each.name for each in tmp_path.iterdir()] == ["chains.gif"]


def test_what_is_no_trace_of_images_is_refused(tmp_path):
    with pytest.raises(ValueError, match="`trace` must be uint8"):
        moving_picture.write(NOISE[..., 0], str(tmp_path / "x.gif"), 3, 100_000)
