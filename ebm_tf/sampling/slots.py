"""The slots of a replay buffer, divided among replicas and put together again."""

from collections.abc import Mapping, Sequence

import numpy as np


def share(capacity: int, replica: int, num_replicas: int) -> int:
    """Returns how many of all slots are a replica's."""
    return capacity // num_replicas + (replica < capacity % num_replicas)


def joined(parts: Mapping[str, Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Returns what slots hold by name, a row a slot: states as stored, conditions.

    Args:
        parts: As `ReplayBuffer.parts`, variables or arrays, in order.
    """
    first, *_ = parts.values()
    return {
        name: np.concatenate([np.asarray(part[name]) for part in parts.values()])
        for name, values in first.items()
        if len(values.shape) > 0
    }


def divided(saved: Sequence[Mapping[str, np.ndarray]], num: int) -> list[dict]:
    """Returns the slots of all parts, dealt to `num` parts in turn, oldest first.

    Args:
        saved: What the `parts` of a `ReplayBuffer` held, in order.
        num: How many parts are wanted.
    """
    dealt: list[dict] = [{} for _ in range(num)]
    for name in saved[0]:
        if name == "next_slot":
            slots = [np.int32(0)] * num  # the oldest of each is its first now
        elif name == "num_written":
            slots = [np.int64(sum(p[name] for p in saved) // num)] * num
        else:
            in_turn = _in_turn(
                [np.roll(p[name], -p["next_slot"], axis=0) for p in saved]
            )
            slots = [in_turn[index::num] for index in range(num)]
        for part, values in zip(dealt, slots, strict=True):
            part[name] = values
    return dealt


def _in_turn(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Returns the first row of each part, then the second of each, and so on."""
    place = np.concatenate([np.arange(len(part)) for part in parts])
    return np.concatenate(parts)[np.argsort(place, kind="stable")]
