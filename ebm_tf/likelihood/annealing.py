"""Annealed importance sampling and its reverse, on kernels that remember nothing.

With `E[k] = (1 - betas[k]) * base + betas[k] * target`, `base = -log_prob` of a
normalized density and `Z = integral(exp(-target))`:

  forward (AIS [1]), from exact samples x[0] of the base: for k = 1..K

      log w += E[k-1](x[k-1]) - E[k](x[k-1]);  x[k] ~ kernel(E[k], x[k-1])

  mean(w) is unbiased for Z, so `log mean(w)` is low on average, by Jensen;

  reverse, from x[K]: for k = K..1

      x[k-1] ~ kernel(E[k], x[k]);  log w += E[k](x[k-1]) - E[k-1](x[k-1])

  mean(w) is unbiased for 1 / Z if x[K] is an exact sample of the target [3], and
  for `p_ann(x) / exp(-target(x))` if x[K] = x is a point of data [2]: RAISE.

`p_ann` is the density of the last state of a forward run. It meets
`p(x) = exp(-target(x)) / Z` as temperatures grow; for a finite number RAISE is a
conservative estimate for p_ann, and no bound on log p.

The kernel must leave `exp(-E[k])` invariant, and for the reverse be reversible.
It is called with a new energy at every temperature, and must not bring along
what it knew at the last one: log-probabilities cached from one temperature to
the next bias Z by as much as a nat (`docs/results/likelihood.md`).

[1] Neal, Annealed importance sampling, 2001. https://arxiv.org/abs/physics/9803008
[2] Burda, Grosse and Salakhutdinov, Accurate and conservative estimates of MRF
    log-likelihood using reverse annealing, 2015. https://arxiv.org/abs/1412.8566
[3] Grosse, Ghahramani and Adams, Sandwiching the marginal likelihood using
    bidirectional Monte Carlo, 2015. https://arxiv.org/abs/1511.02543
[4] Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers, 2006.
    https://arxiv.org/abs/cond-mat/0212648
"""

from typing import NamedTuple

import tensorflow as tf

from ebm_tf import checks, rng, state_checks
from ebm_tf.likelihood import resampling, schedules
from ebm_tf.likelihood.base import Base
from ebm_tf.likelihood.schedules import LevelAt
from ebm_tf.types import EnergyFn, KernelAt, Seed, Step


class AisResult(NamedTuple):
    """What an annealing run leaves, of N chains over K temperatures.

    The three path entries belong to the temperatures in increasing order. Of a
    forward run, entry k is about the weights once they reach `betas[k + 1]`; of
    a reverse run, once they reach `betas[k]`.

    Attributes:
        log_weights: float64 `[N]`, nats.
        x: Last states, `[N, ...]`.
        log_mean: `log mean(w)` along the path, float64 `[K]`, nats.
        ess: Effective sample size `sum(w)**2 / sum(w**2)` along the path, float64
            `[K]`, from 1 to N.
        accept_prob: Mean acceptance probability of each kernel, float32 `[K]`.
        ancestors: The chain of the start that each comes from, int32 `[N]`: itself,
            unless chains were resampled.
        squared_cv: Squared coefficients of variation of the weights that resampling
            used up, added up, float64 `[N]`: 0 without resampling.
    """

    log_weights: tf.Tensor
    x: tf.Tensor
    log_mean: tf.Tensor
    ess: tf.Tensor
    accept_prob: tf.Tensor
    ancestors: tf.Tensor
    squared_cv: tf.Tensor


def bridge(base: Base, target_fn: EnergyFn, beta: tf.Tensor) -> EnergyFn:
    """Returns the energy `(1 - beta) * base + beta * target`, nats."""
    target_fn = state_checks.checked(target_fn)

    def energy_fn(x: tf.Tensor) -> tf.Tensor:
        share = tf.cast(beta, x.dtype)
        return share * target_fn(x) - (1.0 - share) * base.log_prob(x)

    return energy_fn


class AisState(NamedTuple):
    """Chains on their way.

    Attributes:
        x: States, `[N, ...]`.
        log_weights: So far, float64 `[N]`, nats.
        ancestors: As of `AisResult`.
        squared_cv: Likewise.
    """

    x: tf.Tensor
    log_weights: tf.Tensor
    ancestors: tf.Tensor
    squared_cv: tf.Tensor


def begin(x: tf.Tensor, log_weights: tf.Tensor | None = None) -> AisState:
    """Returns chains that start at `x`, `[N, ...]`.

    Args:
        x: Where they start.
        log_weights: Weights they have already, float64 `[N]`, nats; None for 1.

    Raises:
        ValueError: If there is no chain.
    """
    num = x.shape[0]
    checks.require(num is None or num > 0, "x", "at least one state", tuple(x.shape))
    zeros = tf.zeros(tf.shape(x)[:1], tf.float64)
    start = zeros if log_weights is None else tf.cast(log_weights, tf.float64)
    return AisState(x, start, tf.range(tf.shape(x)[0]), zeros)


def ais_log_weights(
    base: Base,
    target_fn: EnergyFn,
    kernel_at: KernelAt,
    betas,
    x: tf.Tensor,
    seed: Seed,
) -> AisResult:
    """Anneals exact samples of `base` to the target, and weighs them.

    Graph-friendly: wrap it in `tf.function` for speed.

    Args:
        base: Normalized density over the states.
        target_fn: Energy of the target, `[B, ...] -> [B]`, nats; float32.
        kernel_at: The kernel of temperature k = 1..K.
        betas: Increasing from 0 to 1, `[K + 1]`, numbers (no tensor).
        x: Independent exact samples of `base`, `[N, ...]`.
        seed: `int32[2]`.

    Returns:
        `AisResult`. `log_mean[-1]` estimates log Z, low on average.

    Raises:
        ValueError: If `betas` is no increasing schedule or there is no chain.
    """
    levels = schedules.require_schedule(betas)
    path = Path(base, target_fn, kernel_at, schedules.level_at(levels))
    return path.forward(begin(x), 0, len(levels) - 1, seed)


def reverse_ais_log_weights(
    base: Base,
    target_fn: EnergyFn,
    kernel_at: KernelAt,
    betas,
    x: tf.Tensor,
    seed: Seed,
) -> AisResult:
    """Anneals states of the target back to `base`, and weighs them.

    Args:
        base: Normalized density over the states.
        target_fn: Energy of the target, `[B, ...] -> [B]`, nats; float32.
        kernel_at: The *reversible* kernel of temperature k = 1..K; for RAISE the
            same as in the forward run whose p_ann is meant.
        betas: Increasing from 0 to 1, `[K + 1]`, as in the forward run.
        x: Exact samples of the target, or points of data, `[N, ...]`.
        seed: `int32[2]`.

    Returns:
        `AisResult`. From exact samples, `-log_mean[0]` estimates log Z, high on
        average. From data, `-target_fn(x) + log_weights` is for each row the log
        of an unbiased estimate of `p_ann(x)`, low on average.

    Raises:
        ValueError: If `betas` is no increasing schedule or there is no chain.
    """
    levels = schedules.require_schedule(betas)
    path = Path(base, target_fn, kernel_at, schedules.level_at(levels))
    num_temperatures = len(levels) - 1
    return path.reverse(begin(x), num_temperatures, num_temperatures, seed)


class Path:
    """The way from a base to a target, which chains may go in several parts.

    Parts one after the other give what one run gives: the seed of a kernel is
    folded with its temperature's number, and chains carry nothing but `AisState`.

    Args:
        base: Normalized density over the states.
        target_fn: Energy of the target, `[B, ...] -> [B]`, nats; float32.
        kernel_at: The kernel of temperature k = 1..K.
        level_at: The temperature k = 0..K, of a schedule that `schedules` has checked.
        resample: Whether forward chains are resampled by their weights wherever these
            have come down to half the effective sample size: sequential Monte Carlo
            [4]. mean(w) stays unbiased for Z.
    """

    def __init__(
        self,
        base: Base,
        target_fn: EnergyFn,
        kernel_at: KernelAt,
        level_at: LevelAt,
        resample: bool = False,
    ):
        self._base, self._kernel_at = base, kernel_at
        self._target_fn = state_checks.checked(target_fn)
        self._level_at, self._resample = level_at, resample

    def forward(self, state: AisState, first, num, seed: Seed) -> AisResult:
        """Takes chains at temperature `first` up to `first + num`.

        Args:
            state: The chains.
            first: Where they are; a number or an int32 scalar.
            num: How many temperatures to go up; likewise.
            seed: Of the whole run, `int32[2]`.

        Returns:
            `AisResult` with `num` entries along the path.
        """

        def advance(k, state, path):
            rise = self._rise(k) * self._downhill(state.x)
            state = state._replace(log_weights=state.log_weights + rise)
            told = spread_of(state.log_weights)
            if self._resample:
                state = resampling.resample_below_half(state, rng.fold_in(seed, -k))
            step = self._move(k, state.x, seed)
            place = k - first - 1
            path = write(path, place, *told, step.accept_prob)
            return k + 1, state._replace(x=step.x), path

        return _run(advance, lambda k: k <= first + num, first + 1, state, num)

    def reverse(self, state: AisState, last, num, seed: Seed) -> AisResult:
        """Takes chains at temperature `last` down to `last - num`.

        Arguments and result as of `forward`.
        """

        def retreat(k, state, path):
            step = self._move(k, state.x, seed)
            rise = self._rise(k) * self._downhill(step.x)
            state = state._replace(x=step.x, log_weights=state.log_weights - rise)
            told = spread_of(state.log_weights)
            place = k - last + num - 1
            return k - 1, state, write(path, place, *told, step.accept_prob)

        return _run(retreat, lambda k: k > last - num, last, state, num)

    def _rise(self, k) -> tf.Tensor:
        return self._level_at(k) - self._level_at(k - 1)

    def _move(self, k, x: tf.Tensor, seed: Seed) -> Step:
        energy_fn = bridge(self._base, self._target_fn, self._level_at(k))
        return self._kernel_at(k)(energy_fn, x, rng.fold_in(seed, k))

    def _downhill(self, x: tf.Tensor) -> tf.Tensor:
        """Returns base energy minus target energy, each rounded once, in float64."""
        from_base = -tf.cast(self._base.log_prob(x), tf.float64)
        return from_base - tf.cast(self._target_fn(x), tf.float64)


def _run(body, condition, start, state: AisState, num) -> AisResult:
    _, state, path = tf.while_loop(
        lambda k, *_: condition(k),
        body,
        (tf.convert_to_tensor(start), state, empty_path(num)),
        parallel_iterations=1,
    )
    return result(state, path)


def empty_path(num) -> tuple[tf.TensorArray, ...]:
    """Returns arrays for what `num` steps tell: log means, sizes, acceptance."""
    return tuple(
        tf.TensorArray(dtype, size=num, element_shape=())
        for dtype in (tf.float64, tf.float64, tf.float32)
    )


def result(state: AisState, path) -> AisResult:
    """Returns what chains and the arrays of their path come to."""
    return AisResult(
        state.log_weights,
        state.x,
        *(entry.stack() for entry in path),
        state.ancestors,
        state.squared_cv,
    )


def spread_of(log_w: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns the log mean of weights, `[N]`, nats, and their effective sample size."""
    log_num = tf.math.log(tf.cast(tf.size(log_w), tf.float64))
    log_sum = tf.reduce_logsumexp(log_w)
    log_ess = 2.0 * log_sum - tf.reduce_logsumexp(2.0 * log_w)
    return log_sum - log_num, tf.exp(log_ess)


def write(path, index, log_mean, ess, accept_prob):
    """Returns the arrays of a path with what one step tells at `index`."""
    means, sizes, accepts = path
    return (
        means.write(index, log_mean),
        sizes.write(index, ess),
        accepts.write(index, tf.reduce_mean(tf.cast(accept_prob, tf.float32))),
    )
