"""Densities in the plane with exact log-probabilities and exact samples.

Each function returns a TFP distribution over points [..., 2]: `log_prob(x)` in nats,
normalized, and `sample(num, seed)` with a seed of `ebm_tf.rng`. All have their mass
within `[-4, 4]^2`, but for less than 1e-6.
"""

import math
from collections.abc import Callable

import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf import checks

tfb, tfd = tfp.bijectors, tfp.distributions

BOUND = 4.0


class Polar(tfb.Bijector):
    """Radius and angle to a point: `(r, a) -> r * (cos(b), sin(b))`.

    `b = a + twist * r`, so the angle winds as the radius grows. Winding moves points
    along circles and changes no area: the log determinant is `log(r)` with any
    `twist`. The inverse gives an angle in `[-pi, pi)`.
    """

    def __init__(self, twist: float = 0.0):
        """`twist`: radians per unit of radius."""
        self._twist = twist
        super().__init__(
            forward_min_event_ndims=1,
            validate_args=False,
            name="polar",
            dtype=tf.float32,
        )

    def _forward(self, x):
        radius, angle = tf.unstack(x, axis=-1)
        angle += self._twist * radius
        return tf.stack([radius * tf.cos(angle), radius * tf.sin(angle)], axis=-1)

    def _inverse(self, y):
        radius = tf.norm(y, axis=-1)
        angle = tf.atan2(y[..., 1], y[..., 0]) - self._twist * radius
        angle = tf.math.floormod(angle + math.pi, 2 * math.pi) - math.pi
        return tf.stack([radius, angle], axis=-1)

    def _forward_log_det_jacobian(self, x):
        return tf.math.log(x[..., 0])


class _Curved(tfd.TransformedDistribution):
    """Samples with a gradient: `log_prob` of one does not recall how it was made.

    A bijector keeps what it mapped, so that `log_prob(sample)` would not depend on
    the sample in the eyes of a gradient tape.
    """

    def _call_sample_n(self, sample_shape, seed, **kwargs):
        return tf.identity(super()._call_sample_n(sample_shape, seed, **kwargs))


def eight_gaussians() -> tfd.Distribution:
    """Eight round Gaussians, standard deviation 0.2, on a circle of radius 2."""
    angle = tf.range(8, dtype=tf.float32) * (math.pi / 4)
    loc = 2.0 * tf.stack([tf.cos(angle), tf.sin(angle)], axis=-1)
    return _even_mixture(tfd.MultivariateNormalDiag(loc, [0.2, 0.2]))


def checkerboard() -> tfd.Distribution:
    """Uniform on the eight dark unit squares of a 4 by 4 board around the origin.

    `log_prob` is `-log(8)` on them and -infinity elsewhere.
    """
    low = [[i - 2.0, j - 2.0] for i in range(4) for j in range(4) if (i + j) % 2 == 0]
    low = tf.constant(low)
    return _even_mixture(tfd.Independent(tfd.Uniform(low, low + 1.0), 1))


def rings() -> tfd.Distribution:
    """Three circles around the origin, radii 0.8, 1.8 and 2.8, all equally likely."""
    radius = _even_mixture(_radius([0.8, 1.8, 2.8], 0.1))
    angle = tfd.Uniform(-math.pi, math.pi)
    return _Curved(tfd.Blockwise([radius, angle]), Polar())


def two_moons() -> tfd.Distribution:
    """Two half circles of radius 1.5 that reach into each other."""
    # One arch around its own center; the other is the same one, turned and moved.
    shape = [2]
    arch = tfd.TransformedDistribution(
        tfd.Blockwise(
            [
                _radius(tf.fill(shape, 1.5), 0.12),
                tfd.Uniform(tf.zeros(shape), tf.fill(shape, math.pi)),
            ]
        ),
        Polar(),
    )
    place = tfb.Chain(
        [
            tfb.Shift(tf.constant([[-0.75, -0.3], [0.75, 0.3]])),
            tfb.Scale(tf.constant([[1.0, 1.0], [-1.0, -1.0]])),
        ]
    )
    return _even_mixture(tfd.TransformedDistribution(arch, place))


def spirals() -> tfd.Distribution:
    """Two arms that wind once around the origin, one opposite the other."""
    radius = tfd.TruncatedNormal(1.6, 0.8, 0.2, 3.5)
    angle = _even_mixture(tfd.VonMises(tf.constant([-0.5, 0.5]) * math.pi, 20.0))
    return _Curved(tfd.Blockwise([radius, angle]), Polar(twist=2.0))


DENSITIES: dict[str, Callable[[], tfd.Distribution]] = {
    "eight_gaussians": eight_gaussians,
    "checkerboard": checkerboard,
    "rings": rings,
    "two_moons": two_moons,
    "spirals": spirals,
}


def density(name: str) -> tfd.Distribution:
    """Returns the density called `name`.

    Raises:
        ValueError: If there is none; lists those that there are.
    """
    checks.require_choice("name", name, DENSITIES)
    return DENSITIES[name]()


def _radius(loc, scale):
    """A normal cut at 0: a radius is positive."""
    return tfd.TruncatedNormal(loc, scale, 0.0, 10.0)


def _even_mixture(components):
    num = components.batch_shape[-1]
    return tfd.MixtureSameFamily(tfd.Categorical(logits=tf.zeros([num])), components)
