"""Chains in whitened coordinates that are kept from update to update."""

from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.sampling.replay import ReplicaParts, Replicas
from ebm_tf.types import Seed


class ChainsPart:
    """One replica's chains, and the length of their steps.

    Args:
        energy: With whitened coordinates.
        num: How many.
        step_size: The first length of a step.
        seed: `int32[2]`: they begin as samples of a standard normal.

    Attributes:
        variables: By name: "latents", `[num, d]`; "states", where they are, as the
            state space stores states; "log_step", the log of the step size.
    """

    def __init__(self, energy, num: int, step_size: float, seed: Seed):
        self._energy = energy
        state = tf.zeros([1, *energy.state_shape])
        num_dims = energy.enter(state).shape[1]
        latents = rng.normal(seed, (num, num_dims))
        self.variables = {
            "latents": tf.Variable(latents, trainable=False, name="chain_latents"),
            "states": tf.Variable(
                self._stored(latents), trainable=False, name="chain_states"
            ),
            "log_step": tf.Variable(
                np.log(step_size), dtype=tf.float32, trainable=False, name="log_step"
            ),
        }

    def states(self, num: int) -> tf.Tensor:
        """Returns the first `num` states, undequantized, float32."""
        return self._energy.space.center(self.variables["states"][:num])

    def write(self, latents: tf.Tensor, log_step: tf.Tensor) -> None:
        """Keeps where the chains came to, and the step size for the next update."""
        self.variables["latents"].assign(latents)
        self.variables["states"].assign(self._stored(latents))
        self.variables["log_step"].assign(log_step)

    def _stored(self, latents: tf.Tensor) -> tf.Tensor:
        return self._energy.space.encode(self._energy.leave(latents))


class PersistentChains(ReplicaParts):
    """The chains of all replicas of this process: a part for each.

    Args:
        energy: With whitened coordinates.
        num: How many chains all replicas have, a multiple of their number.
        step_size: The first length of a step.
        replicas: Whose parts are held here.
        seed: `int32[2]`; replica r begins with `fold_in(seed, r)`.
    """

    def __init__(
        self, energy, num: int, step_size: float, *, replicas: Replicas, seed: Seed
    ):
        super().__init__(replicas)
        for number, device in enumerate(replicas.devices, start=replicas.first):
            with tf.device(device):
                own_seed = rng.fold_in(seed, number)
                size = num // replicas.total
                self._parts.append(ChainsPart(energy, size, step_size, own_seed))

    def fill(self, saved: Sequence[Mapping[str, np.ndarray]]) -> None:
        """Takes over what the `parts` of all replicas of a run held.

        If they were of another number, the chains are dealt out anew.

        Args:
            saved: A part for each replica, in order.

        Raises:
            ValueError: If they have not as many chains in all, or other states.
        """
        total = self._replicas.total
        if len(saved) != total:
            saved = _dealt(saved, total)
        for number, part in enumerate(self._parts, start=self._replicas.first):
            for name, variable in part.variables.items():
                shape, found = tuple(variable.shape), np.shape(saved[number][name])
                rule = f"that of the saved chains, parts of shape {found}"
                checks.require(shape == found, "batch_size", rule, shape)
                variable.assign(saved[number][name])


def _dealt(saved: Sequence[Mapping[str, np.ndarray]], num: int) -> list[dict]:
    """Returns the chains of all parts in `num` parts; their step size is the mean."""
    parts = [{"log_step": np.mean([p["log_step"] for p in saved])} for _ in range(num)]
    for name in ("latents", "states"):
        whole = np.concatenate([part[name] for part in saved])
        for part, rows in zip(parts, np.array_split(whole, num), strict=True):
            part[name] = rows
    return parts
