"""Figures of likelihood estimates, from arrays."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from ebm_tf import checks
from ebm_tf.plots import style


def log_likelihood_bounds(
    num_temperatures: Sequence[int], sides: Mapping[str, Sequence[Mapping]]
) -> Figure:
    """Draws log-likelihoods against the number of temperatures of their runs.

    An interval has a bar, a one-sided bound an arrow to the side where the truth is.

    Args:
        num_temperatures: Of each run, increasing, `[K]`.
        sides: Of each run a mapping with "form", "value" and "half_width", nats, as
            `ebm_tf.likelihood.reported.Reported` has them; lists of K, by name.

    Raises:
        ValueError: If a side has not one value for each run.
    """
    num = len(num_temperatures)
    for name, told in sides.items():
        checks.require(len(told) == num, f"sides.{name}", f"of {num} runs", len(told))
    values = [one["value"] for told in sides.values() for one in told]
    arrow = 0.06 * (max(values) - min(values)) or 1.0
    with style.drawing(7.0, 4.0) as figure:
        axes = figure.add_subplot()
        for index, (name, told) in enumerate(sides.items()):
            widths = (one["half_width"] for one in told)
            axes.errorbar(
                num_temperatures,
                [one["value"] for one in told],
                yerr=[arrow if width is None else width for width in widths],
                uplims=[one["form"] == "at_most" for one in told],
                lolims=[one["form"] == "at_least" for one in told],
                marker="o",
                capsize=4,
                label=name,
                color=style.color(name, index),
            )
        axes.set_xscale("log")
        axes.set_xticks(num_temperatures, [f"{count:,}" for count in num_temperatures])
        axes.minorticks_off()
        axes.set_xlabel("temperatures")
        axes.set_ylabel("log-likelihood (nats)")
        figure.legend(loc="outside upper left", ncols=2)
    return figure


def annealing_path(ess_share: np.ndarray, accept_prob: np.ndarray) -> Figure:
    """Draws how chains fared along a path, from the base (0) to the target (1).

    Args:
        ess_share: Effective sample size of the weights over the number of chains,
            `[C, K]`, one row a class.
        accept_prob: Mean acceptance probability, `[C, K]`.

    Raises:
        ValueError: If the shapes differ.
    """
    shapes = np.shape(ess_share), np.shape(accept_prob)
    checks.require(
        shapes[0] == shapes[1] and len(shapes[0]) == 2, "ess_share", "[C, K]", shapes
    )
    places = (np.arange(shapes[0][1]) + 1.0) / shapes[0][1]
    panels = (
        (ess_share, "effective sample size\n(share of chains)", "log"),
        (accept_prob, "acceptance", "linear"),
    )
    with style.drawing(7.0, 5.0) as figure:
        both = figure.subplots(2, 1, sharex=True)
        for axes, (rows, label, scale) in zip(both, panels, strict=True):
            for row in rows:
                axes.plot(places, row, color=style.color("train"), linewidth=1.0)
            axes.set_ylabel(label)
            axes.set_yscale(scale)
        both[1].set_ylim(0.0, 1.0)
        both[1].set_xlim(0.0, 1.0)
        both[1].set_xlabel("share of the temperatures passed")
    return figure


def temperature_scan(
    scans: Mapping[str, tuple[np.ndarray, np.ndarray]], best: float
) -> Figure:
    """Draws log-likelihoods against the inverse temperature, and the chosen one.

    Args:
        scans: Inverse temperatures, positive and increasing, and log-likelihoods,
            nats, each `[K]`, by name; one scan at least.
        best: The chosen inverse temperature.

    Raises:
        ValueError: If there is not one log-likelihood for each beta.
    """
    for name, scan in scans.items():
        counts = len(scan[0]), len(scan[1])
        checks.require(counts[0] == counts[1], f"scans.{name}", "two of [K]", counts)
    with style.drawing(7.0, 4.0) as figure:
        axes = figure.add_subplot()
        for index, (name, scan) in enumerate(scans.items()):
            axes.plot(*scan, color=style.color(name, index), label=name)
        axes.axvline(best, color=style.INK, linewidth=0.9, linestyle=":")
        axes.set_xscale("log")
        # What is far too cold is far too unlikely: the top is what matters.
        top = max(float(np.max(values)) for _, values in scans.values())
        low = min(0.0, *(float(values[0]) for _, values in scans.values()))
        axes.set_ylim(low - 0.1 * (top - low), top + 0.1 * (top - low))
        axes.set_xlabel("inverse temperature beta (per nat)")
        axes.set_ylabel("log-likelihood of\nvalidation images (nats)")
        axes.annotate(
            f"{best:.3g}", (best, top), xytext=(6, 4), textcoords="offset points"
        )
        if len(scans) > 1:
            figure.legend(loc="outside upper left", ncols=len(scans))
    return figure
