"""Energies of noise levels: a base that is exact, corrected by a network.

    E(x, sigma) = -log p0(x, sigma) + gate(sigma) f(x, sigma)

p0 is a density of independent coordinates with Gaussian noise sigma on them; see
`ebm_tf.energy.noised_bases` and `ebm_tf.energy.networks.levels`.
"""

import math

import keras
import numpy as np
import tensorflow as tf

from ebm_tf import checks, conditions
from ebm_tf.energy import noised_bases
from ebm_tf.energy.model import EnergyModel
from ebm_tf.likelihood.moments import Moments, level_counts

# Frequencies of the level's logarithm that the embedding sees, in radians.
_FREQUENCIES = np.geomspace(0.25, 4.0, 16).astype(np.float32)
# Narrower than this, in units of the data, no coordinate is told to be.
_LEAST_STD = 1e-3


class LevelEmbedding(keras.layers.Layer):
    """A vector `[B, width]` of the level and of the label of each state.

    Args:
        space: The condition space of the energy.
        width: Of the vector.
        **kwargs: For `keras.layers.Layer`.
    """

    def __init__(self, space, width: int, **kwargs):
        super().__init__(**kwargs)
        self._space = space
        self._labels = conditions.parts_of(space).get("labels")
        dense = {"activation": "silu", "kernel_initializer": "lecun_normal"}
        self.hidden = keras.layers.Dense(width, name="hidden", **dense)
        self.out = keras.layers.Dense(width, name="out", **dense)
        self.table = None
        if self._labels is not None:
            shape = (self._labels.num_rows, width)
            self.table = self.add_weight(name="table", shape=shape, initializer="zeros")

    def call(self, condition):
        parts = conditions.by_name(self._space, condition)
        log_sigma = tf.math.log(parts["noise_level"])[:, tf.newaxis]
        angles = log_sigma * _FREQUENCIES
        waves = [tf.sin(angles), tf.cos(angles), log_sigma / 5.0]
        hidden = self.hidden(tf.concat(waves, axis=1))
        if self.table is not None:
            table = tf.convert_to_tensor(self.table)
            hidden += self._labels.of_table(table, parts["labels"])
        return self.out(hidden)


class LevelEnergy(EnergyModel):
    """`-log p0(x, sigma) + gate(sigma) f(x, sigma)`; see `LevelConfig`.

    A subclass makes its layers in `make_layers` and says f in `correction`. The base
    is kept in weights that no gradient moves: `fit_base` sets them.

    Input shapes: `[B, *state_shape]`, and a condition with a noise level. Output
    shape: `[B]`, nats. Without training it is normalized at every level.

    Raises:
        TypeError: If it is to compute in anything else than float32: levels of 1e-4
            would be lost.
    """

    def __init__(self, config, state_shape, space=None, **kwargs):
        super().__init__(config, state_shape, space=space, **kwargs)
        if self.compute_dtype != "float32":
            raise checks.InvalidTypeError(
                "`dtype` must be float32, for an energy of noise levels. "
                f"Received: {self.compute_dtype}"
            )
        self._make_base()
        self.embedding = LevelEmbedding(
            self.condition_space, config.embedding, name="embedding"
        )
        self.make_layers(self.base.num_features)
        self.build_weights()

    def make_layers(self, num_features: int) -> None:
        """Makes the layers of f.

        Args:
            num_features: Numbers that the base says of each coordinate.
        """
        raise NotImplementedError

    def correction(self, features: tf.Tensor, embedded: tf.Tensor) -> tf.Tensor:
        """Returns f, `[B]`, nats; 0 before training.

        Args:
            features: `[B, *state_shape, num_features]`.
            embedded: What the embedding says, `[B, width]`.
        """
        raise NotImplementedError

    def call(self, x, condition):
        sigma = conditions.by_name(self.condition_space, condition)["noise_level"]
        noised = self.base.at(x, sigma)
        return self._gated(noised, sigma, condition) - noised.log_prob

    def _gated(self, noised, sigma, condition) -> tf.Tensor:
        scale = self.config.gate_scale**2
        gate = scale / (scale + tf.square(sigma))
        return gate * self.correction(noised.features, self.embedding(condition))

    def parts(self, x, condition) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the gated correction and the base's log density, each `[B]`, nats.

        The energy is the first less the second.
        """
        sigma = conditions.by_name(self.condition_space, condition)["noise_level"]
        noised = self.base.at(x, sigma)
        return self._gated(noised, sigma, condition), noised.log_prob

    def widest(self, num, seed):
        """Returns exact samples of the base with noise of the highest level."""
        high = conditions.parts_of(self.condition_space)["noise_level"].high
        return self.base.sample(num, high, seed)

    def log_prob_widest(self, x):
        """Returns the log density that `widest` draws from, `[B]`, nats."""
        high = conditions.parts_of(self.condition_space)["noise_level"].high
        return self.base.at(x, tf.fill(tf.shape(x)[:1], high)).log_prob

    @property
    def base(self) -> noised_bases.NormalBase | noised_bases.HistogramBase:
        """p0, reading the weights that it is kept in."""
        mean, std = self.base_mean.value, self.base_std.value
        if self.base_heights is None:
            return noised_bases.NormalBase(mean, std)
        heights, edges = self.base_heights.value, self.base_edges.value
        return noised_bases.HistogramBase(heights, edges, mean, std)

    @property
    def fixed_weights(self) -> list:
        """The weights that `fit_base` sets and training leaves alone."""
        names = ("mean", "std", "heights", "edges")
        weights = [getattr(self, f"base_{name}") for name in names]
        return [weight for weight in weights if weight is not None]

    def _make_base(self) -> None:
        config, shape = self.config.base, self.state_shape
        is_histogram = config.kind == "histogram"

        def weight(name, shape, initializer):
            return self.add_weight(
                shape=shape,
                initializer=initializer,
                name=f"base_{name}",
                trainable=False,
                autocast=False,
            )

        self.base_mean = weight("mean", shape, "zeros")
        self.base_std = weight("std", () if is_histogram else shape, "ones")
        self.base_heights = self.base_edges = None
        if is_histogram:
            num = config.num_groups
            self.base_heights = weight("heights", (*shape, num), "ones")
            self.base_edges = weight("edges", (num + 1,), _even_edges)

    def fit_base(self, chunks) -> None:
        """Fits p0 to data, chunk by chunk.

        Args:
            chunks: Data, dequantized, each `[B, *state_shape]`.

        Raises:
            ValueError: If a histogram is to have more bins than there are levels.
        """
        if self.base_heights is None:
            self._fit_normal(chunks)
        else:
            self._fit_histogram(chunks)

    def _fit_normal(self, chunks) -> None:
        found = Moments(diagonal=True)
        for chunk in chunks:
            found.add(np.reshape(chunk, [len(chunk), -1]).astype(np.float64))
        std = np.sqrt(found.covariance)
        # A coordinate that hardly varies is told to be as wide as the others allow.
        std = np.maximum(std, _LEAST_STD * std.max())
        self.base_mean.assign(np.reshape(found.mean, self.state_shape))
        self.base_std.assign(np.reshape(std, self.state_shape))

    def _fit_histogram(self, chunks) -> None:
        config, box = self.config.base, self.space
        num_levels = box.num_levels or 0
        rule = f"stored as {config.num_groups} levels or more, for this base"
        checks.require(num_levels >= config.num_groups, "space", rule, str(box))
        counts = 0
        for chunk in chunks:
            levels = box.encode(tf.constant(chunk, tf.float32)).numpy()
            counts = counts + level_counts(levels.reshape(len(levels), -1), num_levels)
        counts = counts + config.smoothing
        groups = noised_bases.group_edges(num_levels, config.num_groups)
        masses = np.add.reduceat(counts, groups[:-1], axis=1)
        masses /= masses.sum(axis=1, keepdims=True)
        edges = box.low + groups * box.stored_width
        heights = masses / np.diff(edges)
        centres = (edges[1:] + edges[:-1]) / 2.0
        mean = masses @ centres
        variance = np.mean(masses @ np.square(centres)) - np.mean(mean) ** 2
        self.base_heights.assign(heights.reshape(self.base_heights.shape))
        self.base_edges.assign(edges)
        self.base_mean.assign(np.full(self.state_shape, np.mean(mean)))
        self.base_std.assign(math.sqrt(variance))


def _even_edges(shape, dtype=None) -> tf.Tensor:
    """Returns edges of even bins of the unit interval, until data are known."""
    return tf.cast(tf.linspace(0.0, 1.0, shape[0]), dtype or tf.float32)
