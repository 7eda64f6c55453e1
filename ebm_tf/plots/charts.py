"""Charts of numbers: energies, curves, shares of classes."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from ebm_tf import checks
from ebm_tf.plots import style

_NUM_BINS = 60
# The axis reaches at most this many times the width of a set's middle nine tenths
# beyond them: a few energies far out must not flatten all the others.
_REACH = 1.0


def energy_histograms(energies: Mapping[str, np.ndarray], reference: str) -> Figure:
    """Draws the relative energies of several sets over each other (paper, A.13).

    An energy is known up to a constant: what is shown is the energy minus the mean
    energy of the set `reference`, so that 0 is where that set is on average.

    Args:
        energies: Energies of each set by name, nats `[N]`, in the order to list
            them; `reference` is drawn filled, the others as lines.
        reference: Name of the set that gives the zero.

    Returns:
        The figure. Densities per nat; energies outside the axis are in its end
        bins, and the legend says how many they are.

    Raises:
        ValueError: If a set is empty or not finite, or `reference` is none of them.
    """
    _check_sets("energies", energies, reference)
    zero = np.mean(energies[reference], dtype=np.float64)
    relative = {
        name: np.asarray(values, np.float64) - zero for name, values in energies.items()
    }
    labels = {
        name: f"mean {_short(values.mean())}" for name, values in relative.items()
    }
    labels[reference] = "mean 0"
    return _histograms(
        relative,
        labels,
        reference,
        f"energy minus the mean over {reference} (nats)",
        "nat",
    )


def distance_histograms(
    distances: Mapping[str, np.ndarray],
    reference: str,
    x_label: str = "L2 distance to the nearest training image (pixels)",
) -> Figure:
    """Draws distances to the nearest training image of several sets over each other.

    Args:
        distances: L2 distances of each set by name, `[N]`; `reference` is drawn
            filled, the others as lines.
        reference: Name of the set to compare with, such as held-out data.
        x_label: What they are, with their unit in brackets at the end.

    Returns:
        The figure. Densities per unit; see `energy_histograms` for the ends.

    Raises:
        ValueError: If a set is empty or not finite, or `reference` is none of them.
    """
    _check_sets("distances", distances, reference)
    labels = {
        name: f"median {np.median(values):.3g}" for name, values in distances.items()
    }
    unit = x_label.rpartition("(")[2].rstrip(")").removesuffix("s")
    return _histograms(distances, labels, reference, x_label, unit)


def _check_sets(argument: str, sets, reference) -> None:
    checks.require_choice("reference", reference, list(sets))
    for name, values in sets.items():
        holds = np.size(values) > 0 and bool(np.all(np.isfinite(values)))
        rule = "non-empty and finite"
        checks.require(holds, f"{argument}.{name}", rule, np.shape(values))


def _histograms(sets, labels, reference, x_label, unit) -> Figure:
    bins = _bins(list(sets.values()))
    with style.drawing(7.0, 4.4) as figure:
        axes = figure.add_subplot()
        for index, (name, values) in enumerate(sets.items()):
            label = f"{name}: {labels[name]}, n = {len(values):,}"
            color = style.color(name, index)
            _draw_histogram(axes, values, bins, label, color, name == reference)
        if bins[0] < 0 < bins[-1]:
            axes.axvline(0.0, color=style.INK, linewidth=0.8, linestyle=":")
        axes.set_xlim(bins[0], bins[-1])
        axes.set_ylim(bottom=0)
        axes.set_xlabel(x_label)
        axes.set_ylabel(f"density (1 / {unit})")
        # Small: two labels with a mean, a count and what lies outside share a line.
        figure.legend(loc="outside upper left", ncols=2, fontsize=8)
    return figure


def _bins(sets: Sequence[np.ndarray]) -> np.ndarray:
    lows, highs = [], []
    for values in sets:
        low, high = np.percentile(values, (5, 95))
        reach = _REACH * (high - low)
        lows.append(max(values.min(), low - reach))
        highs.append(min(values.max(), high + reach))
    low, high = min(lows), max(highs)
    # All the same energy: one bin's width to either side.
    room = 0.03 * (high - low) or max(abs(low), 1.0) * 1e-3
    return np.linspace(low - room, high + room, _NUM_BINS + 1)


def _draw_histogram(axes, values, bins, label, color, filled) -> None:
    outside = int(np.sum((values < bins[0]) | (values > bins[-1])))
    if outside:
        label += f" ({outside} outside)"
    axes.hist(
        np.clip(values, bins[0], bins[-1]),
        bins=bins,
        density=True,
        histtype="stepfilled" if filled else "step",
        facecolor=color + "40" if filled else "none",
        edgecolor=color,
        linewidth=1.8,
        label=label,
    )


def _short(value: float) -> str:
    """Three digits that count, with a sign and a real minus."""
    return f"{value:+.3g}".replace("-", "\N{MINUS SIGN}") if value else "0"


def curves(
    series: Mapping[str, tuple[np.ndarray, np.ndarray]],
    x_label: str,
    y_label: str,
) -> Figure:
    """Draws lines on common axes.

    Args:
        series: `(x, y)`, each `[N]`, by name.
        x_label: What the horizontal axis is, with its unit.
        y_label: What the vertical axis is, with its unit.

    Raises:
        ValueError: If there are none, or an x and its y differ in length.
    """
    checks.require(len(series) > 0, "series", "non-empty", dict(series))
    for name, (x, y) in series.items():
        holds = np.shape(x) == np.shape(y)
        checks.require(
            holds, f"series.{name}", "as many x as y", (np.shape(x), np.shape(y))
        )
    with style.drawing(7.0, 4.0) as figure:
        axes = figure.add_subplot()
        for index, (name, (x, y)) in enumerate(series.items()):
            axes.plot(x, y, label=name, color=style.color(name, index))
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        if len(series) > 1:
            figure.legend(loc="outside upper left", ncols=4)
    return figure


def class_shares(
    shares: Mapping[str, Sequence[float]], class_names: Sequence[str]
) -> Figure:
    """Draws how many of each set fall to each class, side by side.

    Args:
        shares: Shares in [0, 1], `[num_classes]`, of each set by name.
        class_names: Names of the classes.

    Raises:
        ValueError: If there is no set, or one has not a share for each class.
    """
    checks.require(len(shares) > 0, "shares", "non-empty", dict(shares))
    for name, values in shares.items():
        rule = f"one share for each of {len(class_names)} classes"
        checks.require(
            len(values) == len(class_names), f"shares.{name}", rule, len(values)
        )
    even = 1 / len(class_names)
    with style.drawing(7.0, 4.0) as figure:
        axes = _draw_bars(figure, shares, class_names)
        axes.axhline(even, color=style.INK, linewidth=0.9, linestyle=":", label="even")
        axes.set_xlabel("class that the classifier finds likeliest")
        axes.set_ylabel("share of images")
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        figure.legend(loc="outside upper left", ncols=4)
    return figure


def bars(
    series: Mapping[str, Sequence[float]],
    names: Sequence[str],
    y_label: str,
    line: float | None = None,
) -> Figure:
    """Draws numbers of several kinds side by side, from 0 to 1.

    Args:
        series: Numbers in [0, 1], as many as names, of each kind by name.
        names: What each place is.
        y_label: What the numbers are.
        line: Where to draw a line across, or None.

    Raises:
        ValueError: If there is no kind, or one has not a number for each name.
    """
    checks.require(len(series) > 0, "series", "non-empty", dict(series))
    for name, values in series.items():
        rule = f"one number for each of {len(names)} names"
        checks.require(len(values) == len(names), f"series.{name}", rule, len(values))
    with style.drawing(7.0, 4.0) as figure:
        axes = _draw_bars(figure, series, names)
        if line is not None:
            axes.axhline(line, color=style.INK, linewidth=0.9, linestyle=":")
        axes.set_ylim(0.0, 1.02)
        axes.set_ylabel(y_label)
        figure.legend(loc="outside upper left", ncols=4)
    return figure


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def log_bars(
    series: Mapping[str, Sequence[float]], names: Sequence[str], y_label: str
) -> Figure:
    """Draws positive numbers of several kinds side by side, on a logarithmic axis.

    Args:
        series: Numbers, as many as names, of each kind by name.
        names: What each place is.
        y_label: What the numbers are, with their unit.

    Raises:
        ValueError: If there is no kind, or one has not a positive number for each name.
    """
    checks.require(len(series) > 0, "series", "non-empty", dict(series))
    for name, values in series.items():
        rule = f"one positive number for each of {len(names)} names"
        is_fine = len(values) == len(names) and min(values) > 0
        checks.require(is_fine, f"series.{name}", rule, list(values))
    with style.drawing(7.0, 4.0) as figure:
        axes = _draw_bars(figure, series, names)
        axes.set_yscale("log")
        for bars_of in axes.containers:
            axes.bar_label(bars_of, fmt=_three_digits, fontsize=8, padding=2)
        axes.margins(y=0.1)
        axes.set_ylabel(y_label)
        figure.legend(loc="outside upper left", ncols=4)
    return figure


def _draw_bars(figure: Figure, series, names):
    axes = figure.add_subplot()
    axes.grid(visible=False, axis="x")
    places, width = np.arange(len(names)), 0.8 / len(series)
    for index, (name, values) in enumerate(series.items()):
        offset = (index - (len(series) - 1) / 2) * width
        axes.bar(
            places + offset,
            values,
            width * 0.92,
            color=style.color(name, index),
            label=name,
        )
    long_names = max(map(len, names)) > 4
    axes.set_xticks(places, names, rotation=30 * long_names, ha=_anchor(long_names))
    return axes


def _anchor(rotated: bool) -> str:
    return "right" if rotated else "center"
