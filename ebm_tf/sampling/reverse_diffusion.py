"""Steps from a noise level to the next lower one, by an energy that knows both.

The energy is that of data with noise, `y = x + sigma n`, so that the mean of x given y
is `y - sigma**2 dE/dy` (Tweedie's formula).

[1] Ho, Jain and Abbeel, Denoising diffusion probabilistic models, NeurIPS 2020.
    https://arxiv.org/abs/2006.11239 (ancestral steps)
[2] Karras et al., Elucidating the design space of diffusion-based generative models,
    NeurIPS 2022. https://arxiv.org/abs/2206.00364 (levels, steps of Heun's rule)
[3] Song et al., Score-based generative modeling through stochastic differential
    equations, ICLR 2021. https://arxiv.org/abs/2011.13456 (corrections)
"""

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.box import StateSpace
from ebm_tf.types import EnergyFn, Seed, Step


class Ladder(NamedTuple):
    """Noise levels from high to low, evenly spaced in their power `1 / rho` [2].

    Attributes:
        high: The first, > 0.
        low: The last, > 0.
        num: How many, at least 1; of one alone it is `high`.
        rho: The larger, the more of them are low; about 7 in [2].
    """

    high: float
    low: float
    num: int
    rho: float

    def at(self, k: int | tf.Tensor) -> tf.Tensor:
        """Returns level number `k`, a float32 scalar; 0 from number `num` on."""
        share = tf.cast(k, tf.float32) / max(self.num - 1, 1)
        first, last = self.high ** (1.0 / self.rho), self.low ** (1.0 / self.rho)
        root = tf.maximum(first + tf.minimum(share, 1.0) * (last - first), last)
        level = tf.clip_by_value(root**self.rho, self.low, self.high)
        return tf.where(tf.less(k, self.num), level, 0.0)


def require_levels(energy_fn: EnergyFn, name: str, value) -> None:
    """Raises `ValueError` unless an energy depends on noise levels.

    Args:
        energy_fn: The energy.
        name: Of the argument that asks for them.
        value: Its value.
    """
    has_levels = getattr(energy_fn, "noise_levels", None) is not None
    rule = "of a sampler without levels, for an energy without noise levels"
    checks.require(has_levels, name, rule, value)


def guided(energy_fn: EnergyFn, guidance: float) -> EnergyFn:
    """Returns an energy with its class weighed up.

    Raises:
        ValueError: If it has no classes, or is an ensemble.
    """
    can = hasattr(energy_fn, "guided")
    checks.require(can, "guidance", "0 for an ensemble", guidance)
    has_classes = energy_fn.num_classes is not None
    checks.require(has_classes, "guidance", "0 for an energy without classes", guidance)
    return energy_fn.guided(guidance)


def walk_down(
    x: tf.Tensor,
    place: tuple[tf.Tensor, int],
    box: StateSpace,
    *,
    start: Callable[[], tf.Tensor],
    step: Callable[[tf.Tensor], tf.Tensor],
) -> Step:
    """Returns a step of a chain that walks from level to level.

    Before step 0 it begins anew; the last step ends in the box; one that runs on after
    that stays where it is.

    Args:
        x: States, `[B, ...]`.
        place: Number of the step, from 0, and how many there are.
        box: The state space.
        start: Returns where chains begin.
        step: Returns states one level lower.
    """
    k, num_steps = place
    y = tf.ensure_shape(tf.cond(tf.equal(k, 0), start, lambda: x), x.shape)
    moved = tf.cond(tf.less(k, num_steps), lambda: step(y), lambda: y)
    is_end = tf.greater_equal(k, num_steps - 1)
    moved = tf.where(is_end, box.clip(moved), moved)
    return Step(moved, tf.ones(tf.shape(x)[:1], x.dtype))


def slope(energy_fn: EnergyFn, y: tf.Tensor) -> tf.Tensor:
    """Returns dE/dy, same shape as `y`."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(y)
        energy = energy_fn(y)
    return tape.gradient(energy, y)


def denoised(energy_fn: EnergyFn, y: tf.Tensor, sigma: tf.Tensor) -> tf.Tensor:
    """Returns the mean of states given what they are with noise, same shape as `y`.

    Args:
        energy_fn: An energy of noise levels, bound to a condition.
        y: States with noise, `[B, ...]`.
        sigma: Its level, a scalar.
    """
    return y - tf.square(sigma) * slope(energy_fn.at_level(sigma), y)


def ancestral_step(
    clean: tf.Tensor, y: tf.Tensor, sigma: tf.Tensor, lower: tf.Tensor, seed: Seed
) -> tf.Tensor:
    """Returns states at a lower level, drawn as if `clean` were the state [1].

    Args:
        clean: The mean of states given `y`.
        y: States at level `sigma`.
        sigma: A scalar, > 0.
        lower: A scalar, from 0 to `sigma`.
        seed: `int32[2]`.
    """
    mean, std = ancestral_normal(clean, y, sigma, lower)
    return mean + std * rng.normal(seed, tf.shape(y))


def ancestral_normal(clean, y, sigma, lower) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns mean and deviation of what `ancestral_step` draws."""
    share = tf.square(lower / sigma)
    return clean + share * (y - clean), lower * tf.sqrt(1.0 - share)


def heun_step(
    energy_fn: EnergyFn, y: tf.Tensor, sigma: tf.Tensor, lower: tf.Tensor
) -> tf.Tensor:
    """Returns states at a lower level by Heun's rule, without noise [2].

    Args:
        energy_fn: An energy of noise levels, bound to a condition.
        y: States at level `sigma`.
        sigma: A scalar, > 0.
        lower: A scalar, from 0 to `sigma`; to 0 the step is Euler's.
    """
    first = sigma * slope(energy_fn.at_level(sigma), y)
    moved = y + (lower - sigma) * first

    def corrected():
        second = lower * slope(energy_fn.at_level(lower), moved)
        return y + (lower - sigma) * 0.5 * (first + second)

    return tf.cond(lower > 0.0, corrected, lambda: moved)


def correct(
    energy_fn: EnergyFn,
    y: tf.Tensor,
    sigma: tf.Tensor,
    seed: Seed,
    *,
    num: int,
    size: float,
) -> tf.Tensor:
    """Moves states at their level by Langevin steps, which leave its density [3].

    But for the size of the steps: they are not adjusted.

        y -= (size * sigma)**2 / 2 * dE/dy;  y += size * sigma * N(0, I)

    Args:
        energy_fn: An energy of noise levels, bound to a condition.
        y: States at level `sigma`.
        sigma: A scalar, > 0.
        seed: `int32[2]`.
        num: How many steps, at least 0.
        size: Of a step, in units of the level, > 0.
    """
    at_level, step = energy_fn.at_level(sigma), size * sigma
    for number in range(num):
        noise = rng.normal(rng.fold_in(seed, number), tf.shape(y))
        y = y - 0.5 * tf.square(step) * slope(at_level, y) + step * noise
    return y
