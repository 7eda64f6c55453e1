"""Stored images as a network takes them that was trained on colour photographs."""

from typing import TYPE_CHECKING

import numpy as np

from ebm_tf import checks

if TYPE_CHECKING:
    from ebm_tf.box import StateSpace


def require_images(shape: tuple[int, ...], is_bounded: bool, name: str) -> None:
    """Raises unless states are images with a darkest and a brightest value.

    Args:
        shape: Of one state.
        is_bounded: Whether the state space is a box.
        name: Of what asks for colours, for the message.

    Raises:
        ValueError: If they are not `[H, W, 1]` or `[H, W, 3]`, or have no bounds.
    """
    is_image = len(shape) == 3 and shape[-1] in (1, 3) and is_bounded
    rule = "of images in one channel or three, in a box: it takes colours"
    where = "" if is_bounded else " without bounds"
    checks.require(is_image, name, rule, f"states of shape {tuple(shape)}{where}")


def of_stored(stored: np.ndarray, space: "StateSpace") -> np.ndarray:
    """Returns images in colours from 0, the low end of the box, to 255, the high end.

    The levels of an image of 256 levels are its colours. Grey images are repeated to
    three channels.

    Args:
        stored: As the space stores them, `[B, H, W, 1]` or `[B, H, W, 3]`.
        space: The state space.

    Returns:
        float32 `[B, H, W, 3]`.

    Raises:
        TypeError: If they are not of the dtype that the space stores.
        ValueError: If they are no images, or one is beyond the range.
    """
    require_images(stored.shape[1:], space.is_bounded, "stored")
    require_range(stored, space)
    low, high = (0.0, space.num_levels - 1.0) if space.num_levels else _ends(space)
    colours = (stored.astype(np.float32) - low) * (255.0 / (high - low))
    return np.broadcast_to(colours, (*colours.shape[:-1], 3))


def require_range(
    stored: np.ndarray, space: "StateSpace", name: str = "stored"
) -> None:
    """Raises unless states are as the space stores them.

    Args:
        stored: `[B, ...]`.
        space: The state space.
        name: What messages call them.

    Raises:
        TypeError: If they have another dtype.
        ValueError: If one is beyond the range, or not finite.
    """
    space.require_stored(stored, name)
    if not len(stored):
        return
    found = float(np.min(stored)), float(np.max(stored))
    low, high = -np.inf, np.inf
    if space.num_levels:
        low, high = 0, space.num_levels - 1
    elif space.is_bounded:
        low, high = _ends(space)
    holds = low <= found[0] <= found[1] <= high and np.all(np.isfinite(found))
    rule = f"from {low:g} to {high:g}, as {space} stores states"
    checks.require(bool(holds), name, rule, f"{found[0]:g} to {found[1]:g}")


def _ends(space: "StateSpace") -> tuple[float, float]:
    return space.low, space.high
