"""What an update minimizes, put together from its configuration once.

The loss is a sum of weighted terms. Each is a function from what one replica has to
its share of a global mean, so that a new term is a new function and nothing else.
"""

import functools
from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from ebm_tf.energy.build import bind_labels
from ebm_tf.energy.model import EnergyModel
from ebm_tf.losses import contrastive
from ebm_tf.losses.config import ContrastiveConfig


class Batch(NamedTuple):
    """What one replica's loss is computed from: constants, all of them.

    Attributes:
        data: States, float32 `[B, ...]`.
        labels: `int32 [B]` of the data, or None without classes.
        negatives: Ends of chains, float32 `[B, ...]`.
        negative_labels: `int32 [B]`, under which the chains ran, or None.
    """

    data: tf.Tensor
    labels: tf.Tensor | None
    negatives: tf.Tensor
    negative_labels: tf.Tensor | None


class Energies(NamedTuple):
    """What terms have in common, so that it is computed once.

    Attributes:
        data: E(data), `[B]`, nats.
        negatives: E(negatives), `[B]`, nats.
        log_normalizer: Scalar, nats: `log(sum(exp(-E)))` over the negatives of all
            replicas; None unless a term needs it.
    """

    data: tf.Tensor
    negatives: tf.Tensor
    log_normalizer: tf.Tensor | None


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


Term = Callable[[Batch, Energies], tf.Tensor]


class Objective:
    """The loss that a configuration describes.

    Args:
        energy: The network.
        config: Which terms.
        global_batch_size: Data points of an update, over all replicas.
    """

    def __init__(
        self, energy: EnergyModel, config: ContrastiveConfig, global_batch_size: int
    ):
        self._energy = energy
        self._normalize = _NORMALIZERS[config.contrast]
        self._terms: dict[str, tuple[float, Term]] = {
            "contrast": (1.0, _CONTRASTS[config.contrast](global_batch_size)),
            "l2": (
                config.l2_weight,
                _of_pair(contrastive.magnitude, global_batch_size),
            ),
        }

    def log_normalizer(self, batch: Batch) -> tf.Tensor | None:
        """Returns what a replica has to know of the others' energies, if anything.

        A synchronization point between replicas: for no compiled function.
        """
        return self._normalize(self._energy, batch)

    def __call__(self, batch: Batch, log_normalizer: tf.Tensor | None) -> Loss:
        """Returns this replica's share, differentiable in the network's weights."""
        energies = Energies(
            bind_labels(self._energy, batch.labels)(batch.data),
            bind_labels(self._energy, batch.negative_labels)(batch.negatives),
            log_normalizer,
        )
        terms = {name: term(batch, energies) for name, (_, term) in self._terms.items()}
        total = tf.add_n([w * terms[name] for name, (w, _) in self._terms.items()])
        return Loss(total, terms, energies)


def _of_pair(fn, global_batch_size: int) -> Term:
    """Returns the term of a function of both energies alone."""
    fn = functools.partial(fn, global_batch_size=global_batch_size)
    return lambda batch, energies: fn(energies.data, energies.negatives)


def _logsumexp(global_batch_size: int) -> Term:
    return lambda batch, energies: contrastive.logsumexp_contrast(
        energies.data,
        energies.negatives,
        global_batch_size=global_batch_size,
        log_normalizer=energies.log_normalizer,
    )


_CONTRASTS: dict[str, Callable[[int], Term]] = {
    "cd": functools.partial(_of_pair, contrastive.contrastive_divergence),
    "logsumexp": _logsumexp,
    "softplus": functools.partial(_of_pair, contrastive.softplus_contrast),
}


def _no_normalizer(energy: EnergyModel, batch: Batch) -> None:
    """For terms that are sums over rows."""


def _global_log_normalizer(energy: EnergyModel, batch: Batch) -> tf.Tensor:
    """Returns `log(sum(exp(-E)))` over the negatives of all replicas, nats."""
    local = bind_labels(energy, batch.negative_labels)(batch.negatives)
    context = tf.distribute.get_replica_context()
    return tf.reduce_logsumexp(-context.all_gather(local, axis=0))


_NORMALIZERS = {
    "cd": _no_normalizer,
    "logsumexp": _global_log_normalizer,
    "softplus": _no_normalizer,
}
