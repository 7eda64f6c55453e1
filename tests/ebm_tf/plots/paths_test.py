"""Figures of trajectories: as many panels and lines as there are."""

import numpy as np
import pytest

from ebm_tf.plots import paths, style

TRUTH = np.zeros([3, 1, 6, 2])
DRAWS = np.random.default_rng(0).normal(size=[3, 4, 6, 2])


def test_a_panel_for_each_trajectory_and_number():
    figure = paths.against_time({"draws": DRAWS, "truth": TRUTH}, (4, 7), [0, 5])
    assert len(figure.axes) == 6
    panel = figure.axes[4]  # the second trajectory's second number
    lines = [line for line in panel.get_lines() if len(line.get_ydata()) == 6]
    assert len(lines) == 5
    np.testing.assert_array_equal(lines[2].get_ydata(), DRAWS[1, 2, :, 1])
    assert lines[-1].get_color() == style.INK
    assert len(panel.get_lines()) == 7  # two marks
    assert figure.axes[3].get_ylabel() == "number 7"


def test_sets_stand_side_by_side():
    figure = paths.side_by_side({"test": DRAWS[:1], "samples": DRAWS[1:2, :2]}, (0, 1))
    assert [len(axes.get_lines()) for axes in figure.axes] == [4, 2, 4, 2]
    assert figure.axes[1].get_title(loc="left") == "samples"


@pytest.mark.parametrize(
    "lines",
    [
        {},
        {"draws": DRAWS[..., :1]},
        {"draws": DRAWS, "truth": TRUTH[:2]},
        {"draws": DRAWS[0]},
    ],
)
def test_what_are_no_such_lines(lines):
    with pytest.raises(ValueError, match="`lines"):
        paths.against_time(lines, (0, 1))
