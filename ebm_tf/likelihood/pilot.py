"""A pilot run: step sizes and temperatures, found first and then frozen.

A kernel that adapts while it is measured leaves nothing invariant, and AIS with it
is biased. So a few chains go ahead, by a rule that may be as crude as it likes:
what it finds is a plain array, and the chains that count are new ones.

[1] Zhou, Johansen and Aston, Toward automatic model comparison: an adaptive
    sequential Monte Carlo approach, 2016. https://arxiv.org/abs/1303.3123
    (temperatures of equal conditional effective sample size)
[2] Neal, MCMC using Hamiltonian dynamics, 2011, section 3.2.
    https://arxiv.org/abs/1206.1901
[3] Stan Reference Manual, "Diagonal metric": the regularization of variances.
"""

import math
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.likelihood import schedules
from ebm_tf.likelihood.config import PilotConfig
from ebm_tf.likelihood.moves import KernelOf, Moves
from ebm_tf.types import KernelAt, Seed

_PRIOR = 5  # chains that a coordinate like the mean of all is worth
_SETTLE = 10  # times as many moves at the first temperature: its step is a guess


class Pilot(NamedTuple):
    """What a pilot run found.

    Attributes:
        betas: float64 `[K + 1]`, from 0 to 1.
        step_sizes: float64 `[K + 1]`, one for each beta.
        accept_prob: Mean acceptance probability at each beta while its step size
            was still being adapted, float64 `[K + 1]`.
        scales: What each coordinate's step size is multiplied by, at each beta,
            float64 `[K + 1, *state_shape]`, of geometric mean 1; None for 1.
    """

    betas: np.ndarray
    step_sizes: np.ndarray
    accept_prob: np.ndarray
    scales: np.ndarray | None = None

    def refine(self, num_temperatures: int) -> "Pilot":
        """Returns the same path with another number of temperatures."""

        def refine_log(values):
            return np.exp(schedules.refine(np.log(values), num_temperatures))

        return Pilot(
            schedules.refine(self.betas, num_temperatures),
            refine_log(self.step_sizes),
            schedules.refine(self.accept_prob, num_temperatures),
            None if self.scales is None else refine_log(self.scales),
        )


def step_table(step_sizes, scales=None) -> np.ndarray:
    """Returns the step size of each coordinate at each beta, float32.

    Args:
        step_sizes: Positive numbers `[K + 1]`, as in a `Pilot`.
        scales: `[K + 1, *state_shape]`, as in a `Pilot`, or None.

    Returns:
        `[K + 1, *state_shape]`, or `[K + 1]` without `scales`.
    """
    table = np.asarray(step_sizes)
    if scales is not None:
        table = table.reshape(-1, *[1] * (np.ndim(scales) - 1)) * scales
    return table.astype(np.float32)


def frozen_kernels(kernel_of: KernelOf, step_sizes, scales=None, first=0) -> KernelAt:
    """Returns `kernel_at`: the step of temperature k is `step_sizes[k - first]`.

    Args:
        kernel_of: Makes a kernel of a step size.
        step_sizes: See `step_table`.
        scales: Likewise.
        first: Number of the first temperature; a number or an int32 scalar.
    """
    if not tf.is_tensor(step_sizes):
        step_sizes = tf.constant(step_table(step_sizes, scales))
    return lambda k: kernel_of(tf.gather(step_sizes, k - first))


def jitter(step_sizes, share: float) -> np.ndarray:
    """Shortens each step size by another factor, from `1 - share` to 1.

    HMC that turns a direction by about half a circle in every trajectory never
    changes how far out it is there; with steps of many lengths along the path, no
    direction stays in that resonance [2]. The factors are multiples of the golden
    ratio, modulo 1: spread evenly, and the same in every run, so that forward and
    reverse runs have the same kernels.

    Args:
        step_sizes: Positive numbers `[K + 1]`.
        share: In [0, 1); 0 changes nothing.

    Returns:
        float64 `[K + 1]`.

    Raises:
        ValueError: If `share` is out of range.
    """
    checks.require_number("share", share, low=0)
    checks.require(share < 1, "share", "below 1", share)
    step_sizes = np.asarray(step_sizes, np.float64)
    golden = (math.sqrt(5.0) - 1.0) / 2.0
    return step_sizes * (1.0 - share * (golden * np.arange(len(step_sizes)) % 1.0))


def adapt_step_sizes(moves: Moves, betas, config: PilotConfig, seed: Seed) -> Pilot:
    """Finds a step size for every temperature of a given schedule.

    Args:
        moves: Between base and target; `moves.compiled` makes them.
        betas: Increasing from 0 to 1, `[K + 1]`.
        config: How; `min_relative_ess` and `max_temperatures` play no part.
        seed: `int32[2]`.

    Returns:
        A `Pilot` with these betas.

    Raises:
        ValueError: If `betas` is no increasing schedule, or the energy is not
            finite where a chain came.
    """
    betas = schedules.require_schedule(betas)
    walk = _Walk(moves, config, seed)
    found = [walk.settle(beta) for beta in betas]
    return _frozen(betas, found)


def equal_ess_schedule(moves: Moves, config: PilotConfig, seed: Seed) -> Pilot:
    """Finds temperatures whose weights all spread alike, and their step sizes [1].

    From each beta the next is the one at which the effective sample size of the
    weights between the two is `min_relative_ess` of the chains; these are then
    resampled by their weights and moved. `Pilot.refine` makes a schedule of as
    many temperatures as one can pay for, along the same path.

    Args:
        moves: Between base and target; `moves.compiled` makes them.
        config: How.
        seed: `int32[2]`.

    Returns:
        A `Pilot` with betas of its own.

    Raises:
        ValueError: If the energy is not finite where a chain came, or
            `max_temperatures` do not reach the target.
    """
    walk = _Walk(moves, config, seed)
    betas, found = [0.0], [walk.settle(0.0)]
    while betas[-1] < 1.0:
        if len(betas) > config.max_temperatures:
            checks.require(
                False,
                "max_temperatures",
                f"larger: the path had come to beta {betas[-1]:.3g} of 1",
                config.max_temperatures,
            )
        gap = walk.downhill()
        step = _step_of_equal_ess(gap, 1.0 - betas[-1], config.min_relative_ess)
        # The next float32 at least: temperatures are rounded to it.
        above = float(np.nextafter(np.float32(betas[-1]), np.float32(2.0)))
        betas.append(min(max(betas[-1] + step, above), 1.0))
        walk.resample((betas[-1] - betas[-2]) * gap)
        found.append(walk.settle(betas[-1]))
    return _frozen(schedules.require_schedule(betas), found)


def _frozen(betas: np.ndarray, found: list[tuple]) -> Pilot:
    steps, accepts, scales = zip(*found, strict=True)
    held = None if scales[0] is None else np.array(scales)
    return Pilot(betas, np.array(steps), np.array(accepts), held)


class _Walk:
    """The chains of a pilot run and their present step size."""

    def __init__(self, moves: Moves, config: PilotConfig, seed: Seed):
        start_seed, self._seed = rng.split(seed, 2)
        self._x = moves.sample(config.num_chains, start_seed)
        self._log_step = math.log(config.max_step_size)
        self._moves, self._config = moves, config
        self._count = 0

    def settle(self, beta: float) -> tuple[float, float, np.ndarray | None]:
        """Moves the chains at `beta`; returns step size, acceptance and scales."""
        first = self._count == 0
        scale = _scale_of(self._x.numpy()) if self._config.adapt_mass else None
        num_moves = self._config.num_moves * (_SETTLE if first else 1)
        steps, accepts = [], []
        for _ in range(num_moves):
            self._count += 1
            step = self._moves.move(
                self._x,
                tf.constant(beta, tf.float32),
                tf.constant(math.exp(self._log_step), tf.float32),
                tf.constant(1.0 if scale is None else scale, tf.float32),
                rng.fold_in(self._seed, self._count),
            )
            self._x = step.x
            steps.append(self._log_step)
            accepts.append(float(tf.reduce_mean(step.accept_prob)))
            correction = accepts[-1] - self._config.target_accept
            self._log_step = min(
                self._log_step + correction, math.log(self._config.max_step_size)
            )
        late = slice(num_moves // 2, None)
        found = math.exp(np.mean(steps[late]))
        self._require_moves(found * (1.0 if scale is None else scale), beta)
        return found, float(np.mean(accepts[late])), scale

    def _require_moves(self, steps, beta: float) -> None:
        """Raises `ValueError` if such steps leave most coordinates where they are."""
        x = self._x.numpy()
        moves = float(np.mean(x + np.asarray(steps, x.dtype) != x)) > 0.5
        rule = (
            f"one that moves chains: at beta {beta:.3g} the pilot accepted no larger "
            "one, and float32 does not tell this from none"
        )
        checks.require(moves, "pilot.step_size", rule, float(np.max(steps)))

    def downhill(self) -> np.ndarray:
        """Returns base energy minus target energy, float64 `[N]`, nats."""
        first, second = (
            e.numpy().astype(np.float64) for e in self._moves.energies(self._x)
        )
        num_bad = int(np.sum(~np.isfinite(second)))
        checks.require(
            num_bad == 0, "target_fn", "finite", f"{num_bad} energies that are not"
        )
        return first - second

    def resample(self, log_w: np.ndarray) -> None:
        """Draws the chains anew in proportion to their weights."""
        w = np.exp(log_w - log_w.max())
        self._count += 1
        offset = float(rng.uniform(rng.fold_in(self._seed, self._count), []))
        place = (np.arange(len(w)) + offset) / len(w)
        index = np.searchsorted(np.cumsum(w) / np.sum(w), place)
        self._x = tf.gather(self._x, np.minimum(index, len(w) - 1))


def _scale_of(x: np.ndarray) -> np.ndarray:
    """Returns the deviation of each coordinate, of geometric mean 1.

    Drawn towards the mean variance, as few chains tell little of each [3].
    """
    num, variance = len(x), np.var(x.astype(np.float64), axis=0)
    shrunk = (num * variance + _PRIOR * variance.mean()) / (num + _PRIOR)
    scale = np.sqrt(np.maximum(shrunk, 1e-30))
    return scale / np.exp(np.mean(np.log(scale)))


def _relative_ess(log_w: np.ndarray) -> float:
    w = np.exp(log_w - log_w.max())
    return float(np.mean(w) ** 2 / np.mean(w**2))


def _step_of_equal_ess(gap: np.ndarray, longest: float, share: float) -> float:
    """Returns the step whose weights `exp(step * gap)` have this relative ESS."""
    if _relative_ess(longest * gap) >= share:
        return longest
    # The relative ESS falls with the step (the log mean of exp is convex), and the
    # steps of one path span many powers of ten: bisect their log.
    low, high = math.log(longest) - 60.0, math.log(longest)
    for _ in range(60):
        middle = 0.5 * (low + high)
        if _relative_ess(math.exp(middle) * gap) >= share:
            low = middle
        else:
            high = middle
    return math.exp(low)
