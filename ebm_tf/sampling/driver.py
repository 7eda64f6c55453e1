"""The one loop over the steps of chains: in training, in sampling, in traces.

A sampler is a `KernelAt`: the kernel of each step by its number. What adapts on the
way, such as a step size of each chain, is no memory of a kernel but a value that the
loop carries.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.types import EnergyFn, Kernel, KernelAt, Seed, Step


class Adaptation(NamedTuple):
    """What changes from step to step beside the states.

    Attributes:
        start: Its first value: a tensor, or several in a structure.
        kernel_at: `(k, value) -> Kernel`, of step k.
        next: `(value, step) -> value`, from what the kernel of a step returned.
    """

    start: Any
    kernel_at: Callable[[tf.Tensor, Any], Kernel]
    next: Callable[[Any, Step], Any]


class Chain(NamedTuple):
    """What a run of chains comes to.

    Attributes:
        x: End states, `[B, ...]`.
        accept_prob: Mean acceptance probability over the steps, `[B]`, 0 if there
            was no step.
        adapted: The last value of what adapts; () without it.
        states: The kept states, `[K + 1, B, ...]`; () if none were asked for.
    """

    x: tf.Tensor
    accept_prob: tf.Tensor
    adapted: Any
    states: Any


def run_chain(
    sampler: KernelAt | Adaptation,
    energy_fn: EnergyFn,
    x: tf.Tensor,
    seed: Seed,
    *,
    num_steps: int | tf.Tensor,
    first: int | tf.Tensor = 0,
    every: int | None = None,
) -> Chain:
    """Moves each row of `x` by steps `first` to `first + num_steps - 1` of a chain.

    Pieces of a chain, run one after another with one seed, are the whole chain. No
    row's chain depends on what the other rows hold.

    Args:
        sampler: The kernel of each step, or what adapts and gives the kernels.
        energy_fn: `[B, ...] -> [B]`, nats.
        x: States, float `[B, ...]`.
        seed: `int32[2]`; step k uses `fold_in(seed, k)`.
        num_steps: Number of steps, at least 0.
        first: Number of the first step.
        every: Keep the start, every `every`-th state and the end in `states`: state
            `min(k * every, num_steps)` at index k, up to K = ceil(num_steps / every).
            1 to `num_steps`, which is a Python number then. None keeps nothing.

    Returns:
        `Chain`, cut from the tape: no gradient reaches `x` or the variables that
        `energy_fn` reads.

    Raises:
        TypeError: If `every` is no whole number.
        ValueError: If it is out of range.
    """
    x = tf.stop_gradient(x)
    chain = _loop(
        sampler, energy_fn, x, seed, (first, num_steps), every=every, maximum=None
    )
    return tf.nest.map_structure(tf.stop_gradient, chain)


def run_chain_through(
    kernel_at: KernelAt,
    energy_fn: EnergyFn,
    x: tf.Tensor,
    seed: Seed,
    *,
    num_steps: int,
    first: int = 0,
) -> tf.Tensor:
    """Returns the ends of `run_chain`, the same numbers, on the tape (paper, A.8).

    They are differentiable in `x` and in the variables that `energy_fn` reads, if the
    kernels are. Memory grows with the number of steps.
    """
    # The bound lets XLA reserve what the way back needs.
    steps = (first, num_steps)
    return _loop(kernel_at, energy_fn, x, seed, steps, every=None, maximum=num_steps).x


def _loop(sampler, energy_fn, x, seed, steps, *, every, maximum) -> Chain:
    first, num_steps = steps
    if not isinstance(sampler, Adaptation):
        kernel_at = sampler
        sampler = Adaptation((), lambda k, _: kernel_at(k), lambda value, _: value)
    shape, keep, kept = x.shape, _keep_nothing, ()
    if every is not None:
        checks.require_count("every", every, high=num_steps)
        size = -(-num_steps // every) + 1
        kept = tf.TensorArray(x.dtype, size=size, element_shape=shape).write(0, x)

        def keep(kept, step, x):
            return kept.write(step // every + 1, x)  # the last of a piece stays

    def update(step, x, total, value, kept):
        k = first + step
        kernel = sampler.kernel_at(k, value)
        moved = kernel(energy_fn, x, rng.fold_in(seed, k))
        x = tf.ensure_shape(moved.x, shape)
        total += moved.accept_prob
        return step + 1, x, total, sampler.next(value, moved), keep(kept, step, x)

    total = tf.zeros(tf.shape(x)[:1], x.dtype)
    _, x, total, value, kept = tf.while_loop(
        lambda step, *_: step < num_steps,
        update,
        (tf.constant(0), x, total, sampler.start, kept),
        parallel_iterations=1,
        maximum_iterations=maximum,
    )
    num = tf.cast(tf.maximum(num_steps, 1), x.dtype)
    return Chain(x, total / num, value, () if every is None else kept.stack())


def _keep_nothing(kept, step, x):
    return kept
