"""The replay buffer: where training chains start, and where their ends are kept.

[1] Du and Mordatch, 2019, section 3.2 and appendix A.11: 10,000 past samples, of
    which 95 % of the chains start, the others from uniform noise.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.conditions import ConditionSpace
from ebm_tf.sampling.augment import make_augment
from ebm_tf.sampling.config import ReplayConfig
from ebm_tf.sampling.reservoir import reservoir_slots
from ebm_tf.types import Seed


class Draw(NamedTuple):
    """Chain starts.

    Attributes:
        x: States, float32 `[B, ...]`.
        labels: The stored ones, random for fresh noise; None where there are none.
        slots: `int32 [B]`, where the states came from; given back to `write`.
    """

    x: tf.Tensor
    labels: tf.Tensor | None
    slots: tf.Tensor


class Replicas(NamedTuple):
    """Which replicas of a run are this process's.

    Attributes:
        devices: Their devices, in order.
        first: Number of the first over all workers.
        total: How many replicas all workers have.
    """

    devices: Sequence[str]
    first: int
    total: int


class _Part(NamedTuple):
    states: tf.Variable  # [slots, ...], storage dtype
    labels: tf.Variable | None  # [slots] or [slots, K]
    next_slot: tf.Variable  # int32 scalar, for the ring
    num_written: tf.Variable  # int64 scalar, for the reservoir


class ReplayBuffer:
    """Past samples in one plain variable per device, drawn and written in place.

    Every replica has its own part, `capacity / num_replicas` slots, and touches no
    other's; a variable mirrored by a strategy would keep one replica's content
    alone. At first the slots hold uniform noise.

    Args:
        shape: Shape of one state, without the batch.
        box: The state space; decides how states are stored.
        config: Capacity, share of fresh noise, and rules.
        labels: What the energy's labels are, or None for no labels.
        replicas: Whose parts are held here.
        seed: `int32[2]`; replica r fills its part from `fold_in(seed, r)`.

    Raises:
        ValueError: If `capacity` is not divisible by the number of replicas, or
            states that are no images are to be augmented.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        box: Box,
        config: ReplayConfig,
        *,
        labels: ConditionSpace | None,
        replicas: Replicas,
        seed: Seed,
    ):
        checks.require(
            config.capacity % replicas.total == 0,
            "replay.capacity",
            f"divisible by the {replicas.total} replicas",
            config.capacity,
        )
        self.shape, self.box, self.config = tuple(shape), box, config
        self.labels = labels
        self._augment = make_augment(config.augment, self.shape, "replay.augment")
        self._replicas = replicas
        self.slots_per_replica = config.capacity // replicas.total
        self._parts = []
        for index, device in enumerate(replicas.devices):
            with tf.device(device):
                part_seed = rng.fold_in(seed, replicas.first + index)
                self._parts.append(self._make_part(part_seed))

    def _make_part(self, seed: Seed) -> _Part:
        state_seed, label_seed = rng.split(seed, 2)
        noise = self.box.noise(state_seed, (self.slots_per_replica, *self.shape))
        labels = None
        if self.labels is not None:
            values = self.labels.random(label_seed, self.slots_per_replica)
            labels = tf.Variable(values, trainable=False, name="replay_labels")
        return _Part(
            tf.Variable(self.box.encode(noise), trainable=False, name="replay_states"),
            labels,
            tf.Variable(0, trainable=False, name="replay_next_slot"),
            tf.Variable(0, dtype=tf.int64, trainable=False, name="replay_num_written"),
        )

    @property
    def variables(self) -> list[tf.Variable]:
        """This worker's variables, part by part."""
        return [v for part in self._parts for v in part if v is not None]

    @property
    def parts(self) -> dict[str, dict[str, tf.Variable]]:
        """This worker's variables by replica and name: what is to be kept of them."""
        return {
            str(self._replicas.first + index): {
                name: variable
                for name, variable in part._asdict().items()
                if variable is not None
            }
            for index, part in enumerate(self._parts)
        }

    def fill(self, saved: Sequence[Mapping[str, np.ndarray]]) -> None:
        """Takes over what the `parts` of all replicas of a run held.

        If they were of another number, their slots are divided anew, the oldest of
        each first, so that the slots of a ring keep their order.

        Args:
            saved: A part for each replica, in order.

        Raises:
            ValueError: If they have not as many slots in all, or other states.
        """
        if len(saved) != self._replicas.total:
            saved = _divide(saved, self._replicas.total)
        for index, part in enumerate(self._parts):
            for name, values in saved[self._replicas.first + index].items():
                variable = getattr(part, name)
                checks.require(
                    variable.shape == values.shape,
                    "replay.capacity",
                    f"that of the saved buffer, parts of shape {values.shape}",
                    self.config.capacity,
                )
                variable.assign(values)

    def states(self, replica: int, num: int) -> tf.Tensor:
        """Returns the first `num` stored states of a part, undequantized, float32."""
        return self.box.center(self._part(replica).states[:num])

    def _part(self, replica: int) -> _Part:
        # Replicas are numbered over all workers, parts within this one.
        return self._parts[replica % len(self._parts)]

    def draw(self, replica: int, seed: Seed, batch_size: int) -> Draw:
        """Returns `batch_size` chain starts out of the part of `replica`.

        No slot comes twice in one draw, but for `write="ring"`, where slots are
        drawn with replacement, as in the released code. Stored images may be
        augmented, fresh noise is not.
        """
        part = self._part(replica)
        seeds = rng.split(seed, 6)
        slots = self._draw_slots(seeds[0], batch_size)
        stored = self.box.decode(tf.gather(part.states, slots), seeds[1])
        stored = self._augment(stored, seeds[5])
        noise = self.box.noise(seeds[2], tf.shape(stored))
        fresh = rng.uniform(seeds[3], [batch_size]) < self.config.fresh_prob
        rows = tf.reshape(fresh, [batch_size] + [1] * len(self.shape))
        labels = None
        if part.labels is not None:
            random = self.labels.random(seeds[4], batch_size)
            rows_of_labels = tf.reshape(
                fresh, [batch_size] + [1] * len(self.labels.shape)
            )
            labels = tf.where(rows_of_labels, random, tf.gather(part.labels, slots))
        return Draw(tf.where(rows, noise, stored), labels, slots)

    def _draw_slots(self, seed: Seed, batch_size: int) -> tf.Tensor:
        if self.config.write == "ring":
            return tf.random.stateless_uniform(
                [batch_size], seed, 0, self.slots_per_replica, dtype=tf.int32
            )
        return rng.subset(seed, self.slots_per_replica, batch_size)

    def write(
        self,
        replica: int,
        slots: tf.Tensor,
        x: tf.Tensor,
        labels: tf.Tensor | None,
        seed: Seed,
    ) -> None:
        """Stores chain ends where the rule of the configuration says.

        Args:
            replica: Whose part.
            slots: `int32 [B]`, as drawn.
            x: End states, float32 `[B, ...]`.
            labels: `[B]` or `[B, K]`, under which each chain ran; None without.
            seed: `int32[2]`; for the reservoir.
        """
        part = self._part(replica)
        slots = _SLOTS[self.config.write](part, slots, seed)
        _scatter(part.states, slots, self.box.encode(x))
        if part.labels is not None:
            _scatter(part.labels, slots, labels)


def _scatter(variable: tf.Variable, slots: tf.Tensor, values: tf.Tensor) -> None:
    """Writes the rows of `values` to their slots, but those whose slot is -1.

    In fixed shapes, which XLA wants: what is not kept is the first that is, once
    more, or the content of slot 0 if nothing is.
    """
    kept = slots >= 0
    # Gathered, not sliced: XLA compiles anew for each place where a slice begins.
    first = tf.argmax(tf.cast(kept, tf.int32))
    spare_slot = tf.maximum(tf.gather(slots, first), 0)
    spare = tf.where(tf.gather(kept, first), tf.gather(values, first), variable[0])
    rows = tf.reshape(kept, [-1] + [1] * (len(values.shape) - 1))
    variable.scatter_nd_update(
        tf.where(kept, slots, spare_slot)[:, None], tf.where(rows, values, spare)
    )


def joined(
    parts: Mapping[str, Mapping[str, np.ndarray]],
) -> tuple[np.ndarray, np.ndarray | None]:
    """Returns what slots hold: states as stored, and labels or None.

    Args:
        parts: As `ReplayBuffer.parts`, variables or arrays, in order.
    """
    states = np.concatenate([np.asarray(part["states"]) for part in parts.values()])
    if any("labels" not in part for part in parts.values()):
        return states, None
    return states, np.concatenate([np.asarray(p["labels"]) for p in parts.values()])


def _same_slots(part: _Part, slots: tf.Tensor, seed: Seed) -> tf.Tensor:
    return slots


def _oldest_slots(part: _Part, slots: tf.Tensor, seed: Seed) -> tf.Tensor:
    num, capacity = slots.shape[0], part.states.shape[0]
    slots = (part.next_slot + tf.range(num)) % capacity
    part.next_slot.assign((part.next_slot + num) % capacity)
    return slots


def _reservoir_slots(part: _Part, slots: tf.Tensor, seed: Seed) -> tf.Tensor:
    num, capacity = slots.shape[0], part.states.shape[0]
    slots = reservoir_slots(seed, part.num_written, num, capacity)
    part.num_written.assign_add(num)
    return slots


# Rule -> `(part, drawn slots, seed) -> slots to write to`, -1 for what is dropped.
_SLOTS = {
    "in_place": _same_slots,
    "ring": _oldest_slots,
    "reservoir": _reservoir_slots,
}


def _divide(saved: Sequence[Mapping[str, np.ndarray]], num: int) -> list[dict]:
    """Returns the slots of all parts, dealt to `num` parts in turn, oldest first."""
    dealt: list[dict] = [{} for _ in range(num)]
    for name in saved[0]:
        if name == "next_slot":
            slots = [np.int32(0)] * num  # the oldest of each is its first now
        elif name == "num_written":
            slots = [np.int64(sum(p[name] for p in saved) // num)] * num
        else:
            parts = [np.roll(p[name], -p["next_slot"], axis=0) for p in saved]
            in_turn = np.stack(parts, axis=1).reshape(-1, *parts[0].shape[1:])
            slots = [in_turn[index::num] for index in range(num)]
        for part, values in zip(dealt, slots, strict=True):
            part[name] = values
    return dealt
