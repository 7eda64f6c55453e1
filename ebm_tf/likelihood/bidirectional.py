"""log Z from both sides, where exact samples of the target exist.

[1] Grosse, Ghahramani and Adams, Sandwiching the marginal likelihood using
    bidirectional Monte Carlo, 2015. https://arxiv.org/abs/1511.02543
"""

from typing import NamedTuple

import tensorflow as tf

from ebm_tf import rng
from ebm_tf.likelihood import annealing, estimate
from ebm_tf.likelihood.annealing import AisResult
from ebm_tf.likelihood.base import Base
from ebm_tf.likelihood.estimate import LogEstimate
from ebm_tf.types import EnergyFn, KernelAt, Seed


class Sandwich(NamedTuple):
    """log Z, nats, from two independent runs over the same temperatures.

    Attributes:
        low: From the forward run: low on average.
        high: From the reverse run: high on average.
        forward: The forward run.
        reverse: The reverse run.
    """

    low: LogEstimate
    high: LogEstimate
    forward: AisResult
    reverse: AisResult


def sandwich_log_z(
    base: Base,
    target_fn: EnergyFn,
    kernel_at: KernelAt,
    betas,
    samples: tf.Tensor,
    seed: Seed,
) -> Sandwich:
    """Estimates log Z forward from the base and backward from exact samples [1].

    On average `low <= log Z <= high`, and both close in as temperatures grow.
    Compiles two graphs; not meant for use inside another.

    Args:
        base: Normalized density over the states.
        target_fn: Energy of the target, `[B, ...] -> [B]`, nats.
        kernel_at: The reversible kernel of temperature k = 1..K.
        betas: Increasing from 0 to 1, `[K + 1]`.
        samples: Independent *exact* samples of the target, `[N, ...]`, N at least
            2. With samples of a chain, `high` is on no known side.
        seed: `int32[2]`.

    Returns:
        A `Sandwich`; the forward run has N chains too.

    Raises:
        ValueError: If `betas` is no increasing schedule, there are fewer than two
            samples, or a weight is not finite.
    """

    def compiled(function):
        def run(x, seed):
            return function(base, target_fn, kernel_at, betas, x, seed)

        return tf.function(run, autograph=False)

    start_seed, forward_seed, reverse_seed = rng.split(seed, 3)
    start = base.sample(samples.shape[0], start_seed)
    forward = compiled(annealing.ais_log_weights)(start, forward_seed)
    reverse = compiled(annealing.reverse_ais_log_weights)(samples, reverse_seed)
    return Sandwich(
        low=estimate.log_z_from_forward(forward.log_weights),
        high=estimate.log_z_from_reverse(reverse.log_weights),
        forward=forward,
        reverse=reverse,
    )
