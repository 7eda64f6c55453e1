"""What becomes of long chains: saturated colors, falling energies, fewer images.

[1] Du and Mordatch, 2019, appendix A.6: images of chains that run for long appear
    more and more saturated; and A.2: they end in few modes.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf.box import Box
from ebm_tf.conditions import Condition, like_first
from ebm_tf.metrics import chains
from ebm_tf.metrics.settling import settling
from ebm_tf.sampling.chain_batches import ChainBatches, frame_steps
from ebm_tf.studies.saturation import SaturationConfig


class Looks(NamedTuple):
    """Chains as they were at T looks.

    Attributes:
        steps: Steps done, int `[T]`, from 0.
        saturated: Mean share of coordinates at an end of the box, `[T]`.
        energy: Mean energy, nats, `[T]`.
        diversity: RMS difference of a coordinate between two chains, `[T]`.
        movement: Mean absolute change of a coordinate since the last look, `[T]`; 0
            at the first.
        accept_prob: Mean acceptance probability since the start, `[T]`; 0 at the
            first.
        frames: Some chains at some looks, as the box stores them, `[F, S, ...]`.
        frame_steps: Steps done at each of the F.
        settled: How well the chains have settled over the later half of the looks,
            by name: see `ebm_tf.metrics.settling`. Of several conditions, those of the
            first alone.
    """

    steps: np.ndarray
    saturated: np.ndarray
    energy: np.ndarray
    diversity: np.ndarray
    movement: np.ndarray
    accept_prob: np.ndarray
    frames: np.ndarray
    frame_steps: list[int]
    settled: dict[str, float | None]


def follow(
    batches: ChainBatches,
    box: Box,
    config: SaturationConfig,
    condition: Condition,
    on_look: Callable[[int], None] = lambda step: None,
) -> Looks:
    """Runs chains from noise and looks at them on their way.

    Args:
        batches: Of `config.num_chains` chains; its first batch is run.
        box: The state space.
        config: How long, and when to look.
        condition: Of a conditional energy, of `num_chains` rows; else None.
        on_look: Called after each look with the number of steps done.
    """
    steps = list(range(0, config.num_steps + 1, config.every))
    # Frames are at looks: even among their numbers, not among steps.
    shown = frame_steps(len(steps) - 1, config.num_frames)
    compared = np.arange(config.num_chains)
    if condition is not None:
        compared = like_first(condition)
    rows, frames, states, energies, last = [], [], [], [], None
    for index, look in enumerate(batches.batch(0, condition, steps)):
        energy = batches.energy(look.x, condition)
        movement = 0.0 if last is None else chains.mean_movement(last, look.x)
        last = look.x
        row = (
            chains.saturated_share(look.x, box),
            energy,
            chains.diversity(look.x),
            movement,
            look.accept_prob,
        )
        rows.append([float(tf.reduce_mean(value)) for value in row])
        if index in shown:
            frames.append(box.encode(look.x[: config.num_shown]).numpy())
        if index >= len(steps) // 2:
            states.append(look.x.numpy()[compared])
            energies.append(energy.numpy()[compared])
        on_look(steps[index])
    return Looks(
        np.array(steps),
        *np.array(rows).T,
        np.stack(frames),
        [steps[index] for index in shown],
        settling(np.stack(states), np.stack(energies)),
    )
