"""What an objective is: one object from the data of an update to its loss.

An update of training is, for every objective,

    data -> prepare -> tape(loss) -> optimizer.apply -> refresh -> store

An objective of your own is one file: settings that derive from `ObjectiveConfig`, say a
`kind` and `make` an `Objective`; docs/guide/your_own_objective.md has one. TensorFlow
is imported inside of methods, so that to list what there is costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # what is imported to list objectives is free of TensorFlow
    import tensorflow as tf

    from ebm_tf.box import Box
    from ebm_tf.energy.model import EnergyModel
    from ebm_tf.sampling.replay import Replicas
    from ebm_tf.types import KernelAt, Seed


class Setup(NamedTuple):
    """The run that an objective is made for.

    Attributes:
        energy: The network.
        box: The state space.
        batch_size: Data points of an update, over all replicas.
        num_updates: Updates of the whole run.
        compiled: Returns a function compiled as the run's settings say. Such a
            function writes no variable, and has no point where replicas wait.
    """

    energy: EnergyModel
    box: Box
    batch_size: int
    num_updates: int
    compiled: Callable[[Callable], Callable]


class Loss(NamedTuple):
    """The loss and its parts, each this replica's share of a global mean.

    Attributes:
        total: Scalar; what an update minimizes.
        terms: Scalars by name, each before its weight; curves "loss/NAME".
        energies: `[B]`, nats, by name, before the update: curves and histograms. Of
            "data" and "negative" the gap is a curve too, and what is watched.
    """

    total: tf.Tensor
    terms: dict[str, tf.Tensor]
    energies: dict[str, tf.Tensor]


class Objective:
    """What a run minimizes. It remembers nothing: what is kept is in its memory.

    All methods but `make_memory` and `preview` run on each replica, traced once. They
    are plain Python that calls TensorFlow, `setup.compiled` functions among it.

    Args:
        setup: The run.

    Attributes:
        num_seeds: How many seeds `prepare` is given.
    """

    num_seeds = 1

    def __init__(self, setup: Setup):
        self.setup = setup

    def make_memory(self, replicas: Replicas, seed: Seed):
        """Returns what is kept from one update to the next, or None.

        It has a part for each replica, as `ebm_tf.sampling.replay.ReplayBuffer` has,
        whose methods are those that a memory needs: `part(replica)` is what `prepare`
        and `store` get; `parts` is written to checkpoints, and `fill` reads it again;
        "states" among it, and the parts of a condition by their names, such as
        "labels", go with the model to samplers that start there; `states` shows some
        of them.

        Args:
            replicas: Whose parts are held by this process.
            seed: `int32[2]`.
        """

    def prepare(
        self,
        data: tf.Tensor,
        condition: Any,
        memory: Any,
        seeds: Sequence[Seed],
        update: tf.Tensor,
    ) -> Any:
        """Returns a batch: chains, noise levels, pairs; no gradient reaches it.

        Replicas may tell each other something here, in a function that is not compiled.

        Args:
            data: This replica's states, float32 `[B, ...]`.
            condition: Their labels, or None for an energy without. Of an energy that
                depends on a noise level it is not all: settings that say
                `chooses_noise_levels` draw one for each row, and make the whole of
                both by `ebm_tf.conditions.from_names`.
            memory: This replica's part, or None.
            seeds: As many as `num_seeds`, each `int32[2]`.
            update: Number of the update from 0, a scalar.

        Returns:
            Tensors in any structure, for the other methods.
        """
        raise NotImplementedError

    def loss(self, energy: EnergyModel, batch: Any) -> Loss:
        """Returns the loss, on the tape: it is compiled, and writes no variable.

        Args:
            energy: The network.
            batch: What `prepare` returned.
        """
        raise NotImplementedError

    def store(self, memory: Any, batch: Any) -> None:
        """Writes to the memory what is to be kept of a batch, after the update."""

    def reports(self, batch: Any) -> Mapping[str, tf.Tensor]:
        """Returns what else there is to know of a batch, by name, `[B]` or scalars.

        Their means over replicas are curves. "movement", "saturated_share",
        "accept_prob" and "step_size" are those of chains, and the first two are
        watched by a run's `recovery`.
        """
        return {}

    def preview(self) -> KernelAt | None:
        """Returns the sampler of the pictures that training shows, or None for none."""
        return None

    def weighted(
        self,
        terms: Mapping[str, tf.Tensor],
        weights: Mapping[str, float],
        energies: Mapping[str, tf.Tensor],
    ) -> Loss:
        """Returns the loss that is the sum of `terms`, each times its weight.

        Args:
            terms: Scalars by name, shares of global means: sums over this replica's
                rows, divided by `setup.batch_size`.
            weights: Of each, by name.
            energies: See `Loss`.
        """
        import tensorflow as tf

        total = tf.add_n([weights[name] * value for name, value in terms.items()])
        return Loss(total, dict(terms), dict(energies))
