"""Figures of points in the plane."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from ebm_tf import checks
from ebm_tf.plots import style

_MAX_POINTS = 5000
_SIDE = 5.0  # inches


def scatter(points: Mapping[str, np.ndarray]) -> Figure:
    """Draws sets of points over each other, the first at the bottom.

    Args:
        points: Each set by name, `[N, 2]`, N >= 1; at most 5,000 of each are drawn,
            the first.

    Raises:
        ValueError: If there is no set, or one is no set of points.
    """
    checks.require(len(points) > 0, "points", "one set or more", len(points))
    with style.drawing(_SIDE, _SIDE) as figure:
        axes = figure.add_subplot()
        for index, (name, rows) in enumerate(points.items()):
            x, y = _columns(name, rows[:_MAX_POINTS])
            label = f"{name}, {len(x):,}"
            color = style.color(name, index)
            axes.scatter(x, y, s=5, alpha=0.5, linewidths=0, color=color, label=label)
        axes.set_aspect("equal", adjustable="datalim")
        axes.legend(loc="upper right", markerscale=2.5)
    return figure


def ways(trace: np.ndarray, steps: Sequence[int]) -> Figure:
    """Draws the ways of chains in the plane, from a dot to a ring.

    Args:
        trace: `[T, B, 2]`: B chains at T times.
        steps: Steps done at each of the T times.

    Raises:
        ValueError: If the shape is no set of chains, or the steps are not T.
    """
    trace = np.asarray(trace)
    holds = trace.ndim == 3 and trace.shape[-1] == 2 and trace.size > 0
    checks.require(holds, "trace", "[T, B, 2]", trace.shape)
    rule = f"as many as times, {len(trace)}"
    checks.require(len(steps) == len(trace), "steps", rule, len(steps))
    with style.drawing(_SIDE, _SIDE) as figure:
        axes = figure.add_subplot()
        for index in range(trace.shape[1]):
            x, y = trace[:, index].T
            [line] = axes.plot(x, y, linewidth=1.0, alpha=0.8)
            color = line.get_color()
            axes.plot(x[0], y[0], "o", markersize=3, color=color)
            axes.plot(x[-1], y[-1], "o", markersize=7, fillstyle="none", color=color)
        axes.set_aspect("equal", adjustable="datalim")
        axes.set_title(f"Chains after {steps[0]:,} to {steps[-1]:,} steps")
    return figure


def _columns(name: str, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rows = np.asarray(rows)
    holds = rows.ndim == 2 and rows.shape[1] == 2 and len(rows) > 0
    checks.require(holds, name, "[N, 2]", rows.shape)
    return rows[:, 0], rows[:, 1]
