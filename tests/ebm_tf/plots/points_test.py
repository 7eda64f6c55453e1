"""Points are drawn where they are."""

import numpy as np
import pytest

from ebm_tf.plots import points

ROWS = np.array([[0.0, 1.0], [2.0, 3.0], [-1.0, 4.0]])


def test_sets_of_points_are_named_and_counted():
    figure = points.scatter({"train": ROWS, "samples": ROWS[:2] + 1})
    [axes] = figure.axes
    drawn = [np.asarray(each.get_offsets()) for each in axes.collections]
    np.testing.assert_array_equal(drawn[0], ROWS)
    np.testing.assert_array_equal(drawn[1], ROWS[:2] + 1)
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["train, 3", "samples, 2"]


def test_ways_go_from_start_to_end():
    trace = np.stack([ROWS, ROWS + 1, ROWS + 5])
    figure = points.ways(trace, [0, 10, 20])
    [axes] = figure.axes
    assert len(axes.lines) == 9
    np.testing.assert_array_equal(axes.lines[3].get_xydata(), trace[:, 1])
    np.testing.assert_array_equal(axes.lines[5].get_xydata(), trace[-1:, 1])


@pytest.mark.parametrize(
    "draw",
    [
        lambda: points.scatter({}),
        lambda: points.scatter({"samples": np.zeros([3, 4])}),
        lambda: points.ways(ROWS, [0, 1, 2]),
        lambda: points.ways(ROWS[None], [0, 1]),
    ],
)
def test_refuses(draw):
    with pytest.raises(ValueError, match="must be"):
        draw()
