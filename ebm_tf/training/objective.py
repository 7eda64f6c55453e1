"""What an update minimizes, put together from its configuration once.

The loss is a sum of weighted terms, each a function (`ebm_tf.training.terms`): a new
term is a new function, named in the table at the end of this file.
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from ebm_tf.box import Box
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.training import terms
from ebm_tf.training.config import TrainConfig
from ebm_tf.training.terms import Batch, Energies


class Loss(NamedTuple):
    """The loss and its parts, each this replica's share of a global mean.

    Attributes:
        total: Scalar; what an update minimizes.
        terms: Scalars by name, each before its weight.
        energies: Of the batch.
    """

    total: tf.Tensor
    terms: dict[str, tf.Tensor]
    energies: Energies


class Objective:
    """The loss that a configuration describes.

    Args:
        energy: The network.
        box: The state space.
        config: Settings of training.

    Raises:
        ValueError: If a term asks for classes that the energy does not have.
    """

    def __init__(self, energy: EnergyModel, box: Box, config: TrainConfig):
        self._energy = energy
        self._weights = config.objective.weights
        self._terms = {
            name: _TERMS[name](energy, box, config) for name in self._weights
        }
        normalized = "logsumexp" in self._terms
        self._normalize = _global_log_normalizer if normalized else _no_normalizer

    def log_normalizer(self, batch: Batch) -> tf.Tensor | None:
        """Returns what a replica has to know of the others' energies, if anything.

        A synchronization point between replicas: for no compiled function.
        """
        return self._normalize(self._energy, batch)

    def __call__(self, batch: Batch, log_normalizer: tf.Tensor | None) -> Loss:
        """Returns this replica's share, differentiable in the network's weights."""
        negatives = batch.negatives
        energies = Energies(
            bind_condition(self._energy, batch.labels)(batch.data),
            bind_condition(self._energy, negatives.labels)(negatives.x),
            log_normalizer,
        )
        values = {name: term(batch, energies) for name, term in self._terms.items()}
        total = tf.add_n([self._weights[name] * values[name] for name in values])
        return Loss(total, values, energies)


def _no_normalizer(energy: EnergyModel, batch: Batch) -> None:
    """For losses that are sums over rows."""


def _global_log_normalizer(energy: EnergyModel, batch: Batch) -> tf.Tensor:
    """Returns `log(sum(exp(-E)))` over the negatives of all replicas, nats."""
    local = bind_condition(energy, batch.negatives.labels)(batch.negatives.x)
    context = tf.distribute.get_replica_context()
    return tf.reduce_logsumexp(-context.all_gather(local, axis=0))


_TERMS: dict[str, Callable[[EnergyModel, Box, TrainConfig], terms.Term]] = {
    "cd": terms.contrastive_divergence,
    "logsumexp": terms.logsumexp_contrast,
    "softplus": terms.softplus_contrast,
    "score": terms.denoising,
    "l2": terms.magnitude,
    "kl": terms.chain_divergence,
    "gradient_penalty": terms.gradient_penalty,
    "classifier": terms.classification,
}
