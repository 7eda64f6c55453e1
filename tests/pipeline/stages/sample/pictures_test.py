"""Which samples the grid shows; `sample_test` looks at the pictures."""

import numpy as np
import pytest

from pipeline.stages.sample import pictures
from pipeline.stages.sample.files import SampleFiles


def made(folder, labels, num=None):
    num = len(labels) if labels is not None else num
    files = SampleFiles(str(folder), num, {"samples": (np.uint8, (2, 2, 1))})
    if labels is not None:
        np.save(files.path("labels.npy"), np.array(labels, np.int32))
    return files


def test_a_row_is_a_class(tmp_path):
    files = made(tmp_path, [2, 0, 2, 1, 0, 2, 1])
    rows, columns = pictures.shown(files, num_classes=3)
    assert columns == 2
    np.testing.assert_array_equal(rows, [1, 4, 3, 6, 0, 2])


def test_a_row_holds_ten_of_a_class(tmp_path):
    rows, columns = pictures.shown(made(tmp_path, [0, 1] * 30), num_classes=2)
    assert columns == 10 and len(rows) == 20


@pytest.mark.parametrize("num_classes", [3, 21], ids=["a class without", "too many"])
def test_the_first_are_shown_where_classes_make_no_rows(tmp_path, num_classes):
    rows, columns = pictures.shown(made(tmp_path, [0, 1, 1]), num_classes)
    np.testing.assert_array_equal(rows, [0, 1, 2])
    assert columns == 10


@pytest.mark.parametrize("num, expected", [(7, 7), (25, 20), (500, 100)])
def test_without_classes_rows_are_full(tmp_path, num, expected):
    rows, _ = pictures.shown(made(tmp_path, None, num), None)
    np.testing.assert_array_equal(rows, np.arange(expected))
