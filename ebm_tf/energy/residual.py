"""Residual energies: a fitted density, corrected by a network.

    E(x) = -log p0(x) + f(x)

p0 is exactly normalized and has whitened coordinates z, in which it is a standard
normal: there chains mix, at temperature 1, and `log Z` is that of a short path from
p0, which is 0 with f = 0.

[1] Xie et al., A theory of generative ConvNet, 2016. https://arxiv.org/abs/1602.03264
    (a Gaussian reference density)
[2] Rhodes, Xu and Gutmann, Telescoping density-ratio estimation, 2020.
    https://arxiv.org/abs/2006.12204 (the same references, other training)
"""

import math

import keras
import tensorflow as tf

from ebm_tf import box, checks
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks.residual import ResidualConfig
from ebm_tf.likelihood import gaussianized

# Bins of a histogram, where the state space that is not known yet says no levels.
_NUM_LEVELS = 256


@keras.saving.register_keras_serializable(package="ebm_tf")
class ResidualEnergy(EnergyModel):
    """`-log p0(x) + f(x)` on a box; see `ResidualConfig`.

    p0 is kept in weights that no gradient moves: `fit_base` sets them. Before that it
    is the Gaussian of logits, or of the scores, with mean 0 and no correlations.

    Input shape: `[B, H, W, C]`, strictly inside the box. Output shape: `[B]`, nats.

    Attributes:
        base: p0, a `Gaussianized`, reading the weights that it is kept in.

    Raises:
        ValueError: If the state space is no box.
    """

    config_class = ResidualConfig

    def __init__(self, config: ResidualConfig, state_shape, space=None, **kwargs):
        super().__init__(config, state_shape, space=space, **kwargs)
        self._num_dims = math.prod(self.state_shape)
        self._make_base()
        sizes = [5 if place < 2 else 3 for place in range(len(config.filters))]
        self.convs = [
            keras.layers.Conv2D(
                width, size, 2, "same", activation="swish", name=f"conv_{place}"
            )
            for place, (width, size) in enumerate(
                zip(config.filters, sizes, strict=True), 1
            )
        ]
        self.dense = keras.layers.Dense(config.dense, "swish", name="dense")
        self.units = keras.layers.Dense(config.units, "softplus", name="units")
        self.heads = [
            self.add_weight(shape=(width,), initializer="zeros", name=f"head_{place}")
            for place, width in enumerate(self._widths())
        ]
        self.build_weights()

    def _make_base(self) -> None:
        num = self._num_dims
        fixed = {"trainable": False, "autocast": False}
        self.base_mean = self.add_weight(
            shape=(num,), initializer="zeros", name="base_mean", **fixed
        )
        self.base_scale = self.add_weight(
            shape=(num, num), initializer="identity", name="base_scale", **fixed
        )
        self.base_edges = None
        if self.config.base.kind == "gaussian_copula":
            self.base_edges = self.add_weight(
                shape=(num, _NUM_LEVELS + 1),
                initializer="zeros",
                name="base_edges",
                **fixed,
            )
            even = tf.linspace(0.0, 1.0, _NUM_LEVELS + 1)
            self.base_edges.assign(tf.tile(even[tf.newaxis], [num, 1]))

    @property
    def fixed_weights(self) -> list:
        """The weights that `fit_base` sets and training leaves alone."""
        weights = [self.base_mean, self.base_scale, self.base_edges]
        return [weight for weight in weights if weight is not None]

    @property
    def box(self) -> box.Box:
        """The state space; that of images before one is known."""
        space = self.space or box.PIXELS
        rule = "a box, for a base of logits or scores"
        checks.require(space.is_bounded, "space", rule, str(space))
        return space

    @property
    def base(self) -> gaussianized.Gaussianized:
        return gaussianized.make(
            self.config.base.kind,
            self.box,
            self.state_shape,
            self.base_mean.value,
            self.base_scale.value,
            None if self.base_edges is None else self.base_edges.value,
        )

    def fit_base(self, chunks) -> None:
        """Fits p0 to data, chunk by chunk; see `ebm_tf.likelihood.gaussianized.fit`.

        Args:
            chunks: Data, dequantized, each `[B, *state_shape]`.
        """
        settings, space = self.config.base, self.box
        if self.base_edges is not None:
            rule = f"a box of {_NUM_LEVELS} levels, for this base"
            checks.require(space.num_levels == _NUM_LEVELS, "space", rule, str(space))
        found = gaussianized.fit(
            settings.kind,
            chunks,
            space,
            min_std=settings.min_std,
            smoothing=settings.smoothing,
        )
        self.base_mean.assign(found.mean)
        self.base_scale.assign(found.scale)
        if self.base_edges is not None:
            self.base_edges.assign(found.edges)

    def call(self, x):
        base = self.base
        return -base.log_prob(x) + self.residual(base.scores(x))

    def residual(self, scores: tf.Tensor) -> tf.Tensor:
        """Returns f, `[B]`, nats, of scores, `[B, d]`; 0 before training."""
        features = self._features(scores)
        everything = tf.reshape(tf.stack(features, axis=2), [-1, 3 * self._num_dims])
        outputs = [everything]
        channels = self.state_shape[-1]
        image = tf.reshape(everything, [-1, *self.state_shape[:2], 3 * channels])
        for conv in self.convs:
            image = conv(image)
            outputs.append(tf.reshape(image, [-1, math.prod(image.shape[1:])]))
        outputs.append(self.dense(outputs[-1]))
        outputs.append(self.units(tf.concat(features[:2], axis=1)))
        parts = [
            tf.linalg.matvec(tf.cast(output, tf.float32), head)
            for output, head in zip(outputs, self.heads, strict=True)
        ]
        return tf.add_n(parts)

    def _features(self, scores: tf.Tensor) -> list[tf.Tensor]:
        """Returns the three channels, each `[B, d]`, in [-1, 1]."""
        slope, space, base = self.config.slope, self.box, self.base
        width = space.high - space.low
        places = (1.0 / (space.num_levels or _NUM_LEVELS), 0.5)
        gates = []
        for place in places:
            edge = tf.fill([1, *self.state_shape], space.low + place * width)
            offset = scores - base.scores(edge)
            gates.append(tf.tanh(0.5 * slope * offset))
        return [*gates, tf.tanh(0.5 * scores)]

    def _widths(self) -> list[int]:
        """Returns how many numbers each head sees."""
        height, width = self.state_shape[:2]
        widths = [3 * self._num_dims]
        for filters in self.config.filters:
            height, width = -(-height // 2), -(-width // 2)
            widths.append(height * width * filters)
        return [*widths, self.config.dense, self.config.units]

    # What samplers and estimates in whitened coordinates ask for.

    def enter(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the whitened coordinates of states: `[B, d]`."""
        return self.base.enter(x)

    def leave(self, z: tf.Tensor) -> tf.Tensor:
        """Returns the states at whitened coordinates: `[B, *state_shape]`."""
        return self.base.leave(z)

    def latent_energy(self, z: tf.Tensor) -> tf.Tensor:
        """Returns minus the log density of z up to log Z, `[B]`, nats.

        `exp(-latent_energy)` has the same Z over z as `exp(-E)` over x.
        """
        base = self.base
        return -base.latent.log_prob(z) + self.residual(base.scores_of_latent(z))
