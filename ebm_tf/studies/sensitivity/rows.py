"""The rows of the table: what each changes, without TensorFlow."""

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.objectives.contrastive import ContrastiveConfig

# Rows of a table at most.
MOST = 12


class Changed(NamedTuple):
    """The settings of a row.

    Attributes:
        network: Of the energy.
        objective: Of its training.
        normalization: "batch" or "layer" before each activation function, or None.
        seed_offset: Added to the seed: another draw of everything random.
    """

    network: NetworkConfig
    objective: ContrastiveConfig
    normalization: str | None = None
    seed_offset: int = 0


class Row(NamedTuple):
    """One row.

    Attributes:
        what: What sets it apart, as the table says it.
        change: From the settings of the first row to its own.
    """

    what: str
    change: Callable[[NetworkConfig, ContrastiveConfig], Changed]


def _chain(what: str, **factors: float) -> Row:
    """Returns the row whose chains have numbers of the first row times factors."""

    def change(network, objective):
        old = objective.langevin
        new = {name: factor * getattr(old, name) for name, factor in factors.items()}
        chain = dataclasses.replace(old, **new)
        return Changed(network, dataclasses.replace(objective, langevin=chain))

    return Row(what, change)


def _buffer(what: str, factor: float) -> Row:
    def change(network, objective):
        capacity = max(1, round(objective.replay.capacity * factor))
        replay = dataclasses.replace(objective.replay, capacity=capacity)
        return Changed(network, dataclasses.replace(objective, replay=replay))

    return Row(what, change)


def _activation(name: str) -> Row:
    def change(network, objective):
        return Changed(dataclasses.replace(network, activation=name), objective)

    return Row(f"activation {name}", change)


def _normalized(kind: str) -> Row:
    def change(network, objective):
        return Changed(network, objective, normalization=kind)

    return Row(f"{kind} normalization", change)


ROWS = {
    "base": Row("as it is", Changed),
    "other_seed": Row("another seed", lambda n, o: Changed(n, o, seed_offset=1)),
    "buffer_small": _buffer("replay buffer / 5", 0.2),
    "buffer_large": _buffer("replay buffer * 20", 20.0),
    "noise_none": _chain("noise 0", noise_std=0.0),
    "noise_large": _chain("noise * 10", noise_std=10.0),
    "step_hundredth": _chain("step size / 100", step_size=0.01),
    "step_tenth": _chain("step size / 10", step_size=0.1),
    "step_ten": _chain("step size * 10", step_size=10.0),
    "step_hundred": _chain("step size * 100", step_size=100.0),
    "swish": _activation("swish"),
    "batch_normalization": _normalized("batch"),
    "relu": _activation("relu"),
    "layer_normalization": _normalized("layer"),
}
