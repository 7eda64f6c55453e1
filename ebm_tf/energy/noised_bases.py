"""Densities of independent coordinates with Gaussian noise of any level on them.

They are what energies of noise levels begin from: exactly normalized at every level,
and the data's own density as the level grows, since noise outweighs what coordinates
have to do with each other.
"""

import math
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.rows import per_row
from ebm_tf.types import Seed

# Below this width, in units of the noise, a bin is as good as a point.
_THIN = 0.1
# Less than 1e-15 of a normal density lies beyond so many deviations on one side.
_FAR = 8.0
# A tail that float32 still tells apart from nothing.
_LEAST_TAIL = 1e-30
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


class Noised(NamedTuple):
    """What a base says of noised states.

    Attributes:
        log_prob: Log density, `[B]`, nats.
        features: Of each coordinate, `[B, *state_shape, F]`, smooth in state and level,
            of the order of 1.
    """

    log_prob: tf.Tensor
    features: tf.Tensor


class NormalBase:
    """Coordinates that are normal: with the noise they are normal again.

    Args:
        mean: `[*state_shape]`, float32.
        std: Likewise, > 0.
    """

    num_features = 1

    def __init__(self, mean, std):
        self._mean, self._std = mean, std

    def at(self, y: tf.Tensor, sigma: tf.Tensor) -> Noised:
        """Returns log density and features of states with noise.

        Args:
            y: `[B, *state_shape]`.
            sigma: The noise of each row, > 0, `[B]`.
        """
        unit, log_std = _whitened(y, sigma, self._mean, self._std)
        terms = -0.5 * tf.square(unit) - log_std - _HALF_LOG_2PI
        return Noised(_sum(terms), unit[..., tf.newaxis])

    def clean(self, y: tf.Tensor, sigma: tf.Tensor, seed: Seed) -> tf.Tensor:
        """Returns states without noise, drawn given those with it, `[B, *state_shape]`.

        Args:
            y: States with noise, `[B, *state_shape]`.
            sigma: Its level, > 0, a scalar.
            seed: `int32[2]`.
        """
        own, noise = tf.square(self._std), tf.square(sigma)
        share = own / (own + noise)
        std = tf.sqrt(share * noise)
        mean = self._mean + share * (y - self._mean)
        return mean + std * rng.normal(seed, tf.shape(y))

    def sample(self, num: int | tf.Tensor, sigma, seed: Seed) -> tf.Tensor:
        """Returns exact samples with noise `sigma`, a scalar: `[num, *state_shape]`."""
        shape = tf.concat([[num], tf.shape(self._mean)], axis=0)
        std = tf.sqrt(tf.square(self._std) + tf.square(sigma))
        return self._mean + std * rng.normal(seed, shape)


class HistogramBase:
    """Coordinates that are histograms: each spreads evenly within a bin.

    With noise a bin is the difference of two normal distribution functions.

    Args:
        heights: Density of each bin of each coordinate, > 0, `[*state_shape, G]`.
        edges: Of the bins, increasing, `[G + 1]`.
        mean: Of the data, `[*state_shape]`.
        std: Deviation of the data over all coordinates, a positive number.
    """

    num_features = 4

    def __init__(self, heights, edges, mean, std):
        self._heights, self._edges = heights, tf.convert_to_tensor(edges)
        self._mean, self._std = mean, std

    def at(self, y: tf.Tensor, sigma: tf.Tensor) -> Noised:
        """Returns log density and features of states with noise; see `NormalBase.at`.

        The features are the state itself in units of its spread, how likely the first
        and the last bin are given the state, from -1 to 1, and the mean of the
        coordinate without noise given the state, in units of its spread.
        """
        level = per_row(sigma, y)
        near = self._near(y, level)
        beyond = tf.abs(y - near) / level
        joint = self._joint(near, level)
        density = tf.reduce_sum(joint, axis=-1)
        given = joint / density[..., tf.newaxis]
        mean = tf.linalg.matvec(given, 0.5 * (self._edges[1:] + self._edges[:-1]))
        log_prob = tf.math.log(density) - beyond * (_FAR + 0.5 * beyond)
        unit, _ = _whitened(y, sigma, self._mean, self._std)
        features = [
            unit,
            2.0 * given[..., 0] - 1.0,
            2.0 * given[..., -1] - 1.0,
            (mean - self._mean) / self._std,
        ]
        return Noised(_sum(log_prob), tf.stack(features, axis=-1))

    def _near(self, y, level) -> tf.Tensor:
        """Beyond all bins the density goes on as a normal one: there masses are 0."""
        reach = _FAR * level
        return tf.clip_by_value(y, self._edges[0] - reach, self._edges[-1] + reach)

    def _joint(self, near, level) -> tf.Tensor:
        """Returns the density of each coordinate that is of each bin, `[..., G]`."""
        masses = _masses(near[..., tf.newaxis], level[..., tf.newaxis], self._edges)
        return self._heights * masses

    def clean(self, y: tf.Tensor, sigma: tf.Tensor, seed: Seed) -> tf.Tensor:
        """Returns states without noise, drawn; see `NormalBase.clean`."""
        bin_seed, place_seed = rng.split(seed, 2)
        level = tf.fill([1] * y.shape.rank, tf.cast(sigma, y.dtype))
        near = self._near(y, level)
        joint = self._joint(near, level)
        shape, edges = tf.shape(joint), self._edges
        logits = tf.math.log(tf.reshape(joint, [-1, shape[-1]]))
        drawn = tf.random.stateless_categorical(logits, 1, bin_seed, dtype=tf.int32)
        drawn = tf.reshape(drawn, shape[:-1])
        low, high = tf.gather(edges, drawn), tf.gather(edges, drawn + 1)
        place = rng.uniform(place_seed, tf.shape(y))
        return near + sigma * _within(
            (low - near) / sigma, (high - near) / sigma, place
        )

    def sample(self, num: int | tf.Tensor, sigma, seed: Seed) -> tf.Tensor:
        """Returns exact samples; see `NormalBase.sample`."""
        bin_seed, place_seed, noise_seed = rng.split(seed, 3)
        shape, edges = tf.shape(self._heights), self._edges
        masses = self._heights * (edges[1:] - edges[:-1])
        logits = tf.reshape(tf.math.log(masses), [-1, shape[-1]])
        drawn = tf.random.stateless_categorical(logits, num, bin_seed)
        drawn = tf.reshape(tf.transpose(drawn), tf.concat([[num], shape[:-1]], axis=0))
        low, high = tf.gather(edges, drawn), tf.gather(edges, drawn + 1)
        x = low + (high - low) * rng.uniform(place_seed, tf.shape(low))
        return x + sigma * rng.normal(noise_seed, tf.shape(x))


def group_edges(num_levels: int, num_groups: int) -> np.ndarray:
    """Returns where bins of levels are joined, whole numbers `[G + 1]`.

    The first and the last level, ground and ink of pictures, have bins of their own;
    the others are shared out evenly. Few levels are not joined.

    Args:
        num_levels: L, at least 2.
        num_groups: G, at least 2.
    """
    if num_levels <= num_groups:
        return np.arange(num_levels + 1)
    inner = np.round(np.linspace(1, num_levels - 1, num_groups - 1)).astype(int)
    return np.array([0, *inner, num_levels])


def _sum(terms: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(terms, axis=list(range(1, terms.shape.rank)))


def _whitened(y, sigma, mean, std) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns y in units of its deviation, noise included, and the log of that."""
    variance = tf.square(std) + tf.square(per_row(sigma, y))
    return (y - mean) * tf.math.rsqrt(variance), 0.5 * tf.math.log(variance)


def _masses(y, sigma, edges) -> tf.Tensor:
    """Returns `Phi((b - y) / sigma) - Phi((a - y) / sigma)` of bins [a, b].

    Args:
        y: `[..., 1]`.
        sigma: `[..., 1]`.
        edges: Of the bins, `[G + 1]`.

    Returns:
        `[..., G]`; 0 of a bin that is far from y.
    """
    t = (edges - y) / sigma
    low, high = t[..., :-1], t[..., 1:]
    # The smaller tail of each edge; a difference of tails of one side is exact.
    tail = 0.5 * tf.math.erfc(tf.abs(t) / math.sqrt(2.0))
    below, above = tail[..., :-1], tail[..., 1:]
    wide = tf.where(low * high > 0.0, tf.abs(below - above), 1.0 - below - above)
    # Tails of a thin bin are too alike: it has the density in its middle, and the next
    # term of the series.
    width, middle = (edges[1:] - edges[:-1]) / sigma, 0.5 * (low + high)
    density = tf.exp(-0.5 * tf.square(middle) - _HALF_LOG_2PI)
    curve = tf.square(width) / 24.0 * (tf.square(middle) - 1.0)
    return tf.where(width < _THIN, width * density * (1.0 + curve), wide)


def _within(low: tf.Tensor, high: tf.Tensor, place: tf.Tensor) -> tf.Tensor:
    """Returns standard normal numbers between two bounds.

    Args:
        low: Lower bounds.
        high: Upper bounds.
        place: Share of the mass between them that lies below each, in [0, 1).
    """
    # On the side of zero where the tail is small, so that nothing cancels.
    turned = low + high > 0.0
    first, last = tf.where(turned, -high, low), tf.where(turned, -low, high)
    place = tf.where(turned, 1.0 - place, place)
    below, above = _lower_tail(first), _lower_tail(last)
    found = tf.math.ndtri(below + place * (above - below))
    # Between bounds that are close, or far out, it is as good as even.
    even = first + place * (last - first)
    is_even = (last - first < _THIN * _THIN) | (above < _LEAST_TAIL)
    found = tf.where(is_even, even, tf.clip_by_value(found, first, last))
    return tf.where(turned, -found, found)


def _lower_tail(t: tf.Tensor) -> tf.Tensor:
    return 0.5 * tf.math.erfc(-t / math.sqrt(2.0))
