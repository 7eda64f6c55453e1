"""One look for every figure: light ground, dark ink, colors told apart by all.

Figures are made by hand, never through pyplot, so that plotting keeps no state,
needs no screen and works in any thread.
"""

import contextlib
import os
from collections.abc import Iterator

import matplotlib
from matplotlib.figure import Figure

INK = "#1b1f24"
FAINT = "#d5d9de"

# One color for one set of states, in every figure (after Okabe & Ito, 2008, whose
# palette readers with any color vision can tell apart).
COLORS = {
    "train": "#0072b2",
    "validation": "#009e73",
    "test": "#e69f00",
    "samples": "#d1410c",
    "noise": "#7a7f87",
}
_OTHERS = ("#cc79a7", "#56b4e9", "#5b4bb7", "#8c6d1f")

_STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": INK,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 11,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same everywhere
    "font.size": 11,
    "grid.color": FAINT,
    "grid.linewidth": 0.7,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "text.color": INK,
    "xtick.color": INK,
    "xtick.labelsize": 10,
    "ytick.color": INK,
    "ytick.labelsize": 10,
}
_DPI = 160


@contextlib.contextmanager
def drawing(width: float, height: float) -> Iterator[Figure]:
    """Gives an empty figure and the style, for the time of drawing on it.

    Args:
        width: Inches.
        height: Inches.
    """
    # The settings are global while they last, and put back whatever happens.
    with matplotlib.rc_context(_STYLE):
        yield Figure(figsize=(width, height), layout="constrained")


def color(name: str, index: int = 0) -> str:
    """Returns the color of the set `name`; of an unknown one, the `index`-th spare."""
    return COLORS.get(name, _OTHERS[index % len(_OTHERS)])


def save(figure: Figure, path: str | os.PathLike) -> None:
    """Writes `figure` as PNG at 160 dots per inch; the same figure, the same bytes.

    Args:
        figure: What the functions of this package return.
        path: The file, replaced if there, or a binary file to write to.
    """
    figure.savefig(path, format="png", dpi=_DPI, metadata={"Software": None})
