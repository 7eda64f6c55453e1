"""What sets of features are refused, and how they are cut."""

import numpy as np
import pytest

from ebm_tf.metrics import feature_sets


def test_blocks_cover_all_rows_once_and_differ_by_one():
    found = feature_sets.blocks(23, 5)
    rows = np.concatenate([np.arange(23)[block] for block in found])
    np.testing.assert_array_equal(rows, np.arange(23))
    assert {block.stop - block.start for block in found} == {4, 5}


def test_parts_are_all_rows_in_float64():
    features = np.arange(20_000, dtype=np.float32).reshape(10_000, 2)
    found = list(feature_sets.parts(features))
    assert len(found) == 3 and found[0].dtype == np.float64
    np.testing.assert_array_equal(np.concatenate(found), features)


def test_rows_that_are_alike():
    features = np.tile([1.0, 2.0], (4, 1))
    assert feature_sets.are_alike(features)
    features[3, 0] = 1.5
    assert not feature_sets.are_alike(features)


@pytest.mark.parametrize(
    "features, text",
    [
        (np.zeros(3), r"`train` must be \[N, width\] with N at least 2.*\(3,\)"),
        (np.zeros([1, 3]), r"with N at least 2. Received: train=\(1, 3\)"),
        (np.zeros([4, 0]), r"with N at least 2. Received: train=\(4, 0\)"),
        ([[0, 1], [np.nan, np.inf]], "`train` must be finite.*2 numbers that are not"),
    ],
)
def test_what_is_no_set_is_refused(features, text):
    with pytest.raises(ValueError, match=text):
        feature_sets.require_pair(features, np.zeros([2, 2]), 2)


def test_other_widths_are_refused():
    with pytest.raises(ValueError, match="`samples` must be features of width 3, as"):
        feature_sets.require_pair(np.zeros([2, 3]), np.zeros([2, 4]))
