"""The replay buffer: where training chains start, and where their ends are kept.

[1] Du and Mordatch, 2019, section 3.2 and appendix A.11: 10,000 past samples, of
    which 95 % of the chains start, the others from uniform noise.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import checks, conditions, resources, rng
from ebm_tf.box import Box
from ebm_tf.conditions import Condition, ConditionSpace
from ebm_tf.resources import Need, size
from ebm_tf.rows import per_row
from ebm_tf.sampling.augment import make_augment
from ebm_tf.sampling.config import ReplayConfig
from ebm_tf.sampling.reservoir import reservoir_slots
from ebm_tf.sampling.slots import divided, share
from ebm_tf.types import Seed


class Draw(NamedTuple):
    """Chain starts.

    Attributes:
        x: States, float32 `[B, ...]`.
        condition: What is stored with each, random for fresh noise; None where there
            is none.
        slots: `int32 [B]`, where the states came from; given back to `write`.
    """

    x: tf.Tensor
    condition: Condition
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


class ReplicaParts:
    """What all replicas of this process hold: a part for each, with `variables`.

    Args:
        replicas: Whose parts are held here.
    """

    def __init__(self, replicas: Replicas):
        self._replicas, self._parts = replicas, []

    @property
    def variables(self) -> list[tf.Variable]:
        """This worker's variables, part by part."""
        return [v for part in self._parts for v in part.variables.values()]

    @property
    def parts(self) -> dict[str, dict[str, tf.Variable]]:
        """This worker's variables by replica and name: what is to be kept of them."""
        numbered = enumerate(self._parts, start=self._replicas.first)
        return {str(number): dict(part.variables) for number, part in numbered}

    def part(self, replica: int) -> Any:
        """Returns the part of a replica of this worker, by its number over all."""
        return self._parts[replica - self._replicas.first]

    def states(self, num: int) -> tf.Tensor:
        """Returns the first `num` stored states of this worker's first part."""
        return self._parts[0].states(num)


class ReplayPart:
    """One replica's slots. At first they hold uniform noise.

    Args:
        shape: Shape of one state, without the batch.
        box: The state space; decides how states are stored.
        config: Share of fresh noise, and rules; the capacity is that of all parts.
        num_slots: Slots of this part.
        condition_space: What the energy depends on besides states, or None.
        seed: `int32[2]`, of the noise.

    Attributes:
        variables: By name: "states", `[slots, ...]` as stored; the parts of the
            condition by theirs, such as "labels", `[slots]` or `[slots, K]`;
            "next_slot", an int32 scalar, for the ring; "num_written", an int64
            scalar, for the reservoir.

    Raises:
        ValueError: If states that are no images are to be augmented.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        box: Box,
        config: ReplayConfig,
        *,
        num_slots: int,
        condition_space: ConditionSpace | None,
        seed: Seed,
    ):
        self._box, self._config, self._space = box, config, condition_space
        self._augment = make_augment(config.augment, shape, "replay.augment")
        self.num_slots = num_slots
        state_seed, condition_seed = rng.split(seed, 2)
        noise = box.noise(state_seed, (num_slots, *shape))
        values = {"states": box.encode(noise)}
        values |= conditions.by_name(
            condition_space,
            conditions.random(condition_space, condition_seed, num_slots),
        )
        values |= {"next_slot": tf.constant(0), "num_written": tf.constant(0, tf.int64)}
        self.variables = {
            name: tf.Variable(value, trainable=False, name=f"replay_{name}")
            for name, value in values.items()
        }

    def states(self, num: int) -> tf.Tensor:
        """Returns the first `num` stored states, undequantized, float32."""
        return self._box.center(self.variables["states"][:num])

    def draw(self, seed: Seed, batch_size: int) -> Draw:
        """Returns `batch_size` chain starts.

        No slot comes twice in one draw, but for `write="ring"`, where slots are
        drawn with replacement, as in the released code. Stored images may be
        augmented, fresh noise is not.
        """
        seeds = rng.split(seed, 6)
        slots = self._draw_slots(seeds[0], batch_size)
        held = self.variables["states"]
        stored = self._box.decode(tf.gather(held, slots), seeds[1])
        stored = self._augment(stored, seeds[5])
        noise = self._box.noise(seeds[2], tf.shape(stored))
        fresh = rng.uniform(seeds[3], [batch_size]) < self._config.fresh_prob
        rows = per_row(fresh, held)
        random = conditions.random(self._space, seeds[4], batch_size)
        kept = conditions.from_names(self._space, self.variables)
        condition = conditions.where(fresh, random, conditions.gather(kept, slots))
        return Draw(tf.where(rows, noise, stored), condition, slots)

    def _draw_slots(self, seed: Seed, batch_size: int) -> tf.Tensor:
        if self._config.write == "ring":
            return tf.random.stateless_uniform(
                [batch_size], seed, 0, self.num_slots, dtype=tf.int32
            )
        return rng.subset(seed, self.num_slots, batch_size)

    def write(
        self, slots: tf.Tensor, x: tf.Tensor, condition: Condition, seed: Seed
    ) -> None:
        """Stores chain ends where the rule of the configuration says.

        Args:
            slots: `int32 [B]`, as drawn.
            x: End states, float32 `[B, ...]`.
            condition: Under which each chain ran; None without.
            seed: `int32[2]`; for the reservoir.
        """
        slots = _SLOTS[self._config.write](self.variables, slots, seed)
        _scatter(self.variables["states"], slots, self._box.encode(x))
        for name, values in conditions.by_name(self._space, condition).items():
            _scatter(self.variables[name], slots, values)


class ReplayBuffer(ReplicaParts):
    """Past samples in one plain variable per device, drawn and written in place.

    Every replica has its own part and touches no other's; a variable mirrored by a
    strategy would keep one replica's content alone. Slots are divided as evenly as
    may be: the first `capacity % num_replicas` parts have one more than the others.

    Args:
        shape: Shape of one state, without the batch.
        box: The state space; decides how states are stored.
        config: Capacity, share of fresh noise, and rules.
        condition_space: What the energy depends on besides states, or None.
        replicas: Whose parts are held here.
        seed: `int32[2]`; replica r fills its part from `fold_in(seed, r)`.

    Raises:
        ValueError: If `capacity` is below the number of replicas, or there is not
            the memory for it, or states that are no images are to be augmented.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        box: Box,
        config: ReplayConfig,
        *,
        condition_space: ConditionSpace | None,
        replicas: Replicas,
        seed: Seed,
    ):
        checks.require(
            config.capacity >= replicas.total,
            "replay.capacity",
            f"at least the number of replicas, {replicas.total}",
            config.capacity,
        )
        _require_memory(shape, box, config, replicas)
        super().__init__(replicas)
        self.config = config
        for number, device in enumerate(replicas.devices, start=replicas.first):
            with tf.device(device):
                part = ReplayPart(
                    tuple(shape),
                    box,
                    config,
                    num_slots=share(config.capacity, number, replicas.total),
                    condition_space=condition_space,
                    seed=rng.fold_in(seed, number),
                )
            self._parts.append(part)

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
            saved = divided(saved, self._replicas.total)
        for number, part in enumerate(self._parts, start=self._replicas.first):
            for name, values in saved[number].items():
                variable = part.variables[name]
                checks.require(
                    variable.shape == values.shape,
                    "replay.capacity",
                    f"that of the saved buffer, parts of shape {values.shape}",
                    self.config.capacity,
                )
                variable.assign(values)


def _require_memory(shape, box: Box, config: ReplayConfig, replicas: Replicas) -> None:
    """Raises unless the parts of this process fit, and the noise that fills one."""
    numbers = range(replicas.first, replicas.first + len(replicas.devices))
    slots = [share(config.capacity, number, replicas.total) for number in numbers]
    stored = sum(slots) * size(shape, box.storage_dtype.size)
    noise = max(slots) * size(shape)
    need = Need("the replay buffer", stored + noise, ("replay.capacity",))
    resources.require([need])


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
    rows = per_row(kept, values)
    variable.scatter_nd_update(
        tf.where(kept, slots, spare_slot)[:, None], tf.where(rows, values, spare)
    )


def _same_slots(part: Mapping, slots: tf.Tensor, seed: Seed) -> tf.Tensor:
    return slots


def _oldest_slots(part: Mapping, slots: tf.Tensor, seed: Seed) -> tf.Tensor:
    num, capacity = slots.shape[0], part["states"].shape[0]
    slots = (part["next_slot"] + tf.range(num)) % capacity
    part["next_slot"].assign((part["next_slot"] + num) % capacity)
    return slots


def _reservoir_slots(part: Mapping, slots: tf.Tensor, seed: Seed) -> tf.Tensor:
    num, capacity = slots.shape[0], part["states"].shape[0]
    slots = reservoir_slots(seed, part["num_written"], num, capacity)
    part["num_written"].assign_add(num)
    return slots


# Rule -> `(part, drawn slots, seed) -> slots to write to`, -1 for what is dropped.
_SLOTS = {
    "in_place": _same_slots,
    "ring": _oldest_slots,
    "reservoir": _reservoir_slots,
}
