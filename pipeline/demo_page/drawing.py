"""Pictures, charts and landscapes of frames, as a browser shows them."""

import base64
import io
from collections.abc import Sequence

import matplotlib
import numpy as np
from PIL import Image

from ebm_tf.plots import grid, style

# Chains of which a line is drawn; of more only the mean would be seen.
_MAX_LINES = 16
# Between ink and paper: readable on both.
_GRAY, _LINE = "#8a9099", "#8a909955"
# Energies above that share of the landscape's are drawn alike, or a wall hides a hill.
_SHOWN_SHARE = 60


def png_url(image: np.ndarray) -> str:
    """Returns a picture as the `src` of an image, whose pixels are its own.

    Args:
        image: Uint8 `[H, W, C]`, C 1 or 3.
    """
    written = io.BytesIO()
    pixels = image[..., 0] if image.shape[-1] == 1 else image
    # Hardly larger, and many are made while chains run.
    Image.fromarray(pixels).save(written, format="PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(written.getvalue()).decode()}"


def pictures(states: np.ndarray, shape: Sequence[int], space) -> list[str]:
    """Returns the `src` of each state.

    Args:
        states: As they are stored, `[N, *shape]`.
        shape: Of one state.
        space: The state space.
    """
    return [png_url(image) for image in grid.as_images(states, len(shape), space)]


def landscape(energies: np.ndarray) -> str:
    """Returns the `src` of energies in the plane: low is bright.

    Args:
        energies: `[side, side]`, nats.
    """
    low, high = shown_range(energies)
    share = np.clip((energies - low) / max(high - low, 1e-12), 0.0, 1.0)
    colors = matplotlib.colormaps["viridis"](1.0 - share, bytes=True)
    return png_url(np.ascontiguousarray(colors[..., :3]))


def shown_range(energies: np.ndarray) -> tuple[float, float]:
    """Returns the energies that the ends of the colors stand for, nats."""
    finite = energies[np.isfinite(energies)]
    if not finite.size:
        return 0.0, 0.0
    return float(finite.min()), float(np.percentile(finite, _SHOWN_SHARE))


def particles(states: np.ndarray, low: np.ndarray, high: np.ndarray) -> str:
    """Returns circles at points in the plane, as an SVG of the landscape's size.

    Args:
        states: `[N, 2]`.
        low: Corner of the landscape, `[2]`.
        high: The other one.
    """
    places = (states - low) / (high - low) * 100.0
    circles = [
        f'<circle cx="{x:.2f}" cy="{100.0 - y:.2f}" r="1.1"/>'
        for x, y in places
        if 0.0 <= x <= 100.0 and 0.0 <= y <= 100.0
    ]
    return f'<svg viewBox="0 0 100 100">{"".join(circles)}</svg>'


def energy_chart(
    steps: Sequence[int], energies: np.ndarray, *, at: int, num_steps: int
) -> dict:
    """Returns options of ECharts for energies of chains over their steps.

    Args:
        steps: Steps done at each of T frames.
        energies: `[T, N]`, nats, finite.
        at: The step that is shown.
        num_steps: Of the whole chain.
    """
    lines = [
        {
            "type": "line",
            "data": _points(steps, energies[:, chain]),
            "showSymbol": False,
            "silent": True,
            "lineStyle": {"width": 1, "color": _LINE},
        }
        for chain in range(min(energies.shape[1], _MAX_LINES))
    ]
    mean = {
        "type": "line",
        "name": "mean",
        "data": _points(steps, energies.mean(axis=1)),
        "showSymbol": False,
        "lineStyle": {"width": 2.5, "color": style.COLORS["samples"]},
        "itemStyle": {"color": style.COLORS["samples"]},
        "markLine": {
            "symbol": "none",
            "silent": True,
            "label": {"show": False},
            "lineStyle": {"color": _GRAY, "type": "solid", "width": 1},
            "data": [{"xAxis": at}],
        },
    }
    return chart(num_steps) | {"series": [*lines, mean]}


def chart(num_steps: int = 1) -> dict:
    """Returns the options of an energy chart without lines, of chains so long."""
    axis = {
        "type": "value",
        "nameTextStyle": {"color": _GRAY},
        "axisLabel": {"color": _GRAY, "hideOverlap": True},
        "axisLine": {"show": True, "onZero": False, "lineStyle": {"color": _GRAY}},
        "splitLine": {"lineStyle": {"color": "#8a909933"}},
    }
    return {
        "animation": False,
        "textStyle": {"fontFamily": "Roboto, sans-serif"},
        "grid": {"left": 8, "right": 16, "top": 32, "bottom": 28, "containLabel": True},
        "tooltip": {"trigger": "axis", ":valueFormatter": "v => (+v).toPrecision(4)"},
        "xAxis": axis
        | {
            "name": "steps",
            "nameLocation": "middle",
            "nameGap": 26,
            "splitLine": {"show": False},
            "max": num_steps,
        },
        "yAxis": axis | {"name": "energy (nats)", "scale": True},
        "series": [],
    }


def _points(steps, values) -> list[list[float]]:
    return [[int(k), float(f"{v:.5g}")] for k, v in zip(steps, values)]
