"""Figures of trajectories: numbers against time."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from ebm_tf import checks
from ebm_tf.plots import style

_WIDTH, _HEIGHT = 2.6, 1.9  # inches of one panel
_FAINT, _FULL = 0.45, 1.0


def against_time(
    lines: Mapping[str, np.ndarray],
    numbers: Sequence[int],
    marked: Sequence[int] = (),
) -> Figure:
    """Draws several guesses of each trajectory over each other: a column for each.

    Args:
        lines: By name, in the order to draw them, `[N, K, T, C]`: of N trajectories K
            lines of C numbers at T moments. Sets of several lines are drawn faintly.
        numbers: Which numbers these are, C of them: a row for each.
        marked: Moments to mark: there all are alike.

    Raises:
        ValueError: If there is no set, or they have other shapes.
    """
    first = _require_lines(lines, numbers)
    num, _, num_moments, _ = first.shape
    with style.drawing(num * _WIDTH, len(numbers) * _HEIGHT + 0.4) as figure:
        panels = figure.subplots(len(numbers), num, squeeze=False, sharex=True)
        for row, number in enumerate(numbers):
            for column in range(num):
                axes = panels[row, column]
                for index, (name, each) in enumerate(lines.items()):
                    some = each[column, :, :, row]
                    _draw(axes, some, name, index, (row, column) == (0, 0))
                for moment in marked:
                    axes.axvline(moment, color=style.FAINT, linewidth=3.0, zorder=0)
            panels[row, 0].set_ylabel(f"number {number}")
        for axes in panels[-1]:
            axes.set_xlabel("moment")
            axes.set_xlim(0, max(1, num_moments - 1))
        figure.legend(loc="outside upper left", ncols=len(lines))
    return figure


def side_by_side(sets: Mapping[str, np.ndarray], numbers: Sequence[int]) -> Figure:
    """Draws sets of trajectories beside each other: a column for each.

    Args:
        sets: By name, `[1, K, T, C]`: K trajectories of C numbers at T moments.
        numbers: Which numbers these are: a row for each.

    Raises:
        ValueError: If there is no set, or they are no such sets.
    """
    _require_lines(sets, numbers)
    size = len(sets) * 1.3 * _WIDTH, len(numbers) * _HEIGHT
    with style.drawing(*size) as figure:
        panels = figure.subplots(
            len(numbers), len(sets), squeeze=False, sharex=True, sharey="row"
        )
        for column, (name, each) in enumerate(sets.items()):
            panels[0, column].set_title(name)
            panels[-1, column].set_xlabel("moment")
            for row, number in enumerate(numbers):
                for line in each[0, :, :, row]:
                    panels[row, column].plot(line, linewidth=1.2, alpha=0.7)
                panels[row, 0].set_ylabel(f"number {number}")
    return figure


def _require_lines(lines, numbers) -> np.ndarray:
    checks.require(len(lines) > 0, "lines", "one set or more", len(lines))
    shapes = {name: np.shape(each) for name, each in lines.items()}
    first = next(iter(lines.values()))
    for name, shape in shapes.items():
        rule = f"[N, K, T, C] of {len(numbers)} numbers, N and T as of the others"
        holds = len(shape) == 4 and shape[3] == len(numbers) and shape[1] > 0
        holds = holds and (shape[0], shape[2]) == (first.shape[0], first.shape[2])
        checks.require(holds, f"lines.{name}", rule, shape)
    return first


def _draw(axes, some, name, index, is_named) -> None:
    several = len(some) > 1
    color = style.INK if name == "truth" else style.color(name, index)
    for place, line in enumerate(some):
        axes.plot(
            line,
            color=color,
            linewidth=1.0 if several else 1.8,
            alpha=_FAINT if several else _FULL,
            linestyle="--" if name == "truth" else "-",
            label=name if is_named and place == 0 else None,
        )
