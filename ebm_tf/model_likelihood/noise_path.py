"""log Z of an energy of noise levels, checked: importance sampling along the levels.

With levels `sigma[0] > ... > sigma[K]`, energies `E[k] = E(., sigma[k])`, exact samples
x[0] of a base p0 at level `sigma[0]`, a step of reverse diffusion r(x[k+1] | x[k]) as
proposal, and the known noise `q(x[k] | x[k+1]) = N(x[k+1], s**2)`, `s**2 =
sigma[k]**2 - sigma[k+1]**2`, as what would lead back,

    w = exp(-E[0](x[0])) / p0(x[0], sigma[0])
        * prod{ exp(-E[k+1](x[k+1])) q(x[k] | x[k+1])
                / (exp(-E[k](x[k])) r(x[k+1] | x[k])) : k = 0..K-1 }

Each q integrates to 1 over x[k], so that `E[w] = integral(exp(-E[K])) = Z`, whatever
the energies are: a learned log Z = 0 is checked, not trusted. Were all E[k] exact and
steps small, w would be 1.

The energies are `E = F - log p0`, a base of independent coordinates and its correction.
The base's own step back from a state is known exactly, however sharp the edges of its
histograms: with a slope g = dF/dx of the correction it is that from `x - s**2 g`,

    r(x' | x) = p0(x', sigma') N(x'; x - s**2 g, s**2) / p0(x - s**2 g, sigma)

which integrates to 1 as p0 with the noise s is p0 at the level above. So p0(x', sigma')
leaves the weights: they are 1 where F = 0, and spread by how F bends over a step alone.

  forward  from samples of p0: mean(w) is unbiased for Z;
  reverse  from a state x: noise is added level by level; the mean of 1 / w is unbiased
           for `p_ann(x) / exp(-E[K](x))`, where p_ann is the density of what the
           proposals draw [2], and for 1 / Z from exact samples. From data it is the
           variational bound that diffusion models report [3].

After a step, chains may be moved by a reversible kernel that leaves `exp(-E[k+1])`
alone: w stays as it is.

[1] Neal, Annealed importance sampling, 2001. https://arxiv.org/abs/physics/9803008
    (section 3; here with proposals between levels: the sequential samplers of [4])
[2] Burda, Grosse and Salakhutdinov, Accurate and conservative estimates of MRF
    log-likelihood using reverse annealing, 2015. https://arxiv.org/abs/1412.8566
[3] Kingma et al., Variational diffusion models, NeurIPS 2021.
    https://arxiv.org/abs/2107.00630
[4] Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers, 2006.
    https://arxiv.org/abs/cond-mat/0212648
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.condition_kinds import NoiseLevel
from ebm_tf.energy.build import BoundEnergy
from ebm_tf.likelihood import annealing, resampling
from ebm_tf.likelihood.annealing import AisResult, AisState
from ebm_tf.sampling import reverse_diffusion
from ebm_tf.types import Kernel, Seed

# The kernel that moves chains at a level, a scalar tensor.
KernelOfLevel = Callable[[tf.Tensor], Kernel]


# Of a step's log weight, nats: below it no step is finer for it.
_LEAST_SPREAD = 1e-3


class _At(NamedTuple):
    """What a level says of chains `[N, ...]`.

    Attributes:
        correction: F, float64 `[N]`, nats.
        log_prob: Of the base, float64 `[N]`, nats.
        slope: dF/dx, `[N, ...]`.
    """

    correction: tf.Tensor
    log_prob: tf.Tensor
    slope: tf.Tensor


class NoisePath:
    """The way of chains from the highest level of an energy to its lowest.

    Parts one after the other give what one run gives, as of `annealing.Path`.

    Args:
        energy: Bound to a condition; of a network that knows the density of its highest
            level, see `LevelEnergy`.
        levels: Decreasing, float32 `[K + 1]`; see `require_levels`.
        resample: Whether forward chains are resampled by their weights wherever these
            have come down to half the effective sample size [4].
        kernel_of: Moves chains after each step; None for none.
    """

    def __init__(
        self,
        energy: BoundEnergy,
        levels: tf.Tensor,
        *,
        resample: bool = False,
        kernel_of: KernelOfLevel | None = None,
    ):
        self._energy, self._kernel_of = energy, kernel_of
        self._levels, self._resample = levels, resample

    def begin(self, num: int | tf.Tensor, seed: Seed) -> AisState:
        """Returns `num` chains at the highest level, weighed."""
        x = self._energy.widest(num, seed)
        log_prob = tf.cast(self._energy.log_prob_widest(x), tf.float64)
        energy = tf.cast(self._energy.at_level(self._levels[0])(x), tf.float64)
        return annealing.begin(x, -energy - log_prob)

    def forward(self, state: AisState, first, num, seed: Seed) -> AisResult:
        """Takes chains at level number `first` to level `first + num`.

        Args:
            state: The chains.
            first: Where they are, an int32 scalar.
            num: How many levels to go down; likewise.
            seed: Of the whole run, `int32[2]`.

        Returns:
            `AisResult` with `num` entries along the path.
        """
        at = self._look(state.x, first)

        def advance(k, state, at, path):
            step_seed, move_seed, draw_seed = rng.split(rng.fold_in(seed, k), 3)
            x = state.x
            y = self._propose(k, x, at.slope, step_seed)
            below = self._look(y, k + 1)
            rise = self._rise(k, x, y, at, below)
            state = state._replace(x=y, log_weights=state.log_weights + rise)
            told = annealing.spread_of(state.log_weights)
            if self._resample:
                state, below = resampling.resample_along(state, below, draw_seed)
            state, accept_prob = self._move(state, k + 1, move_seed)
            if self._kernel_of is not None:
                below = self._look(state.x, k + 1)
            path = annealing.write(path, k - first, *told, accept_prob)
            return k + 1, state, below, path

        path = annealing.empty_path(num)
        _, state, _, path = tf.while_loop(
            lambda k, *_: k < first + num,
            advance,
            (tf.convert_to_tensor(first), state, at, path),
            parallel_iterations=1,
        )
        return annealing.result(state, path)

    def reverse(self, state: AisState, last, num, seed: Seed) -> AisResult:
        """Takes chains at level number `last` up to level `last - num`.

        Arguments and result as of `forward`. At level 0 the weights have come to what
        p0 says of the states there.
        """

        def retreat(k, state, path):
            noise_seed, move_seed = rng.split(rng.fold_in(seed, k), 2)
            state, accept_prob = self._move(state, k, move_seed)
            y = state.x
            variance = self._variance(k - 1)
            x = y + tf.sqrt(variance) * rng.normal(noise_seed, tf.shape(y))
            rise = self._rise(k - 1, x, y, self._look(x, k - 1), self._look(y, k))
            state = state._replace(x=x, log_weights=state.log_weights - rise)
            state = tf.cond(tf.equal(k, 1), lambda: self._leave(state), lambda: state)
            told = annealing.spread_of(state.log_weights)
            place = k - last + num - 1
            path = annealing.write(path, place, *told, accept_prob)
            return k - 1, state, path

        _, state, path = tf.while_loop(
            lambda k, *_: k > last - num,
            retreat,
            (tf.convert_to_tensor(last), state, annealing.empty_path(num)),
            parallel_iterations=1,
        )
        return annealing.result(state, path)

    def _leave(self, state: AisState) -> AisState:
        x = state.x
        energy = tf.cast(self._energy.at_level(self._levels[0])(x), tf.float64)
        log_prob = tf.cast(self._energy.log_prob_widest(x), tf.float64)
        return state._replace(log_weights=state.log_weights + energy + log_prob)

    def _look(self, x: tf.Tensor, k) -> _At:
        energy_fn = self._energy.at_level(self._levels[k])
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            correction, log_prob = energy_fn.parts(x)
        slope = tape.gradient(correction, x)
        return _At(
            tf.cast(correction, tf.float64), tf.cast(log_prob, tf.float64), slope
        )

    def _variance(self, k) -> tf.Tensor:
        """Returns the variance of the noise between levels k + 1 and k."""
        return tf.square(self._levels[k]) - tf.square(self._levels[k + 1])

    def _propose(self, k, x, slope, seed: Seed) -> tf.Tensor:
        """Draws states of level k + 1: a clean state by the base, and noise again."""
        clean_seed, noise_seed = rng.split(seed, 2)
        sigma, lower = self._levels[k], self._levels[k + 1]
        moved = x - self._variance(k) * slope
        clean = self._energy.base_clean(moved, sigma, clean_seed)
        y = reverse_diffusion.ancestral_step(clean, moved, sigma, lower, noise_seed)
        return tf.ensure_shape(y, x.shape)

    def _rise(self, k, x, y, at: _At, below: _At) -> tf.Tensor:
        """Returns the log weight of the step from x, at level k, to y, `[N]`."""
        variance = self._variance(k)
        moved = x - variance * at.slope
        energy_fn = self._energy.at_level(self._levels[k])
        log_prob = tf.cast(energy_fn.base_log_prob(moved), tf.float64)
        axes = list(range(1, x.shape.rank))
        # |y - moved|**2 - |y - x|**2, without what cancels.
        apart = at.slope * (2.0 * (y - x) + variance * at.slope)
        home = 0.5 * tf.cast(tf.reduce_sum(apart, axis=axes), tf.float64)
        return at.correction - below.correction + log_prob - at.log_prob + home

    def _move(self, state: AisState, k, seed: Seed) -> tuple[AisState, tf.Tensor]:
        if self._kernel_of is None:
            return state, tf.ones(tf.shape(state.x)[:1])
        sigma = self._levels[k]
        moved = self._kernel_of(sigma)(self._energy.at_level(sigma), state.x, seed)
        x = tf.ensure_shape(moved.x, state.x.shape)
        return state._replace(x=x), moved.accept_prob


def require_levels(levels, known: NoiseLevel) -> None:
    """Raises `ValueError` unless `levels` decrease, and begin at the highest.

    Args:
        levels: Of a path, `[K + 1]`, numbers.
        known: The levels of the energy.
    """
    levels = np.asarray(levels, np.float64)
    falls = len(levels) >= 2 and bool(np.all(np.diff(levels) < 0))
    checks.require(falls, "levels", "decreasing, two or more", levels)
    rule = f"from {known.high:g} down to {known.low:g} or above, the energy's levels"
    first_fits = math.isclose(levels[0], known.high, rel_tol=1e-6)
    fits = first_fits and levels[-1] >= known.low * (1.0 - 1e-6)
    checks.require(fits, "levels", rule, (float(levels[0]), float(levels[-1])))


def even_levels(high: float, low: float, num: int) -> np.ndarray:
    """Returns `num + 1` levels whose logarithms are evenly spaced, float64."""
    return np.geomspace(high, low, num + 1)


def refined_levels(levels, deviations, num: int) -> np.ndarray:
    """Returns `num + 1` levels, close where weights spread.

    A step's weights spread in proportion to its length in log sigma: where a path of
    steps of known spread was walked, that of a finer one is the same at every step.

    Args:
        levels: Of the path that was walked, decreasing, `[M + 1]`.
        deviations: Standard deviation of each step's log weight, `[M]`, nats, >= 0.
        num: Steps of the path to make.
    """
    logs = np.log(np.asarray(levels, np.float64))
    spread = np.asarray(deviations, np.float64)
    # Some steps may have shown none by chance, or too little for what comes after.
    least = 0.1 * spread.mean() + _LEAST_SPREAD
    total = np.concatenate([[0.0], np.cumsum(spread + least)])
    wanted = np.linspace(0.0, total[-1], num + 1)
    found = np.exp(np.interp(wanted, total, logs))
    found[0], found[-1] = levels[0], levels[-1]
    return found
