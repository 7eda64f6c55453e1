"""Parts of long work on the disk."""

import numpy as np
import pytest

from pipeline.stages.evaluate import part_files
from pipeline.store import unfinished


def test_parts_are_a_mapping_that_outlives_its_process(tmp_path):
    folder = tmp_path / unfinished.PARTS
    parts = part_files.PartFiles(str(folder))
    assert not part_files.are_in(str(tmp_path)) and len(parts) == 0
    parts["pilot"] = {"x": np.arange(3.0)}
    again = part_files.PartFiles(str(folder))
    assert part_files.are_in(str(tmp_path))
    assert "pilot" in again and list(again) == ["pilot"]
    np.testing.assert_array_equal(again["pilot"]["x"], np.arange(3.0))
    del again["pilot"]
    with pytest.raises(KeyError):
        parts["pilot"]
