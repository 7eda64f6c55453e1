"""Projected gradient steps on the margin of logits."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import Box
from ebm_tf.types import Seed

LogitsFn = Callable[[tf.Tensor], tf.Tensor]
NORMS = ("linf", "l2")
# A step is this times the radius by the number of steps: there and back is possible.
_REACH = 2.5
# Where steps begin: this share of the radius away. From the rim, on the far side, they
# would still be on their way round the ball at the end.
_START = 0.25


def margin(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """Returns how far the best wrong logit is above the right one, `[B]`.

    Not below 0: the class is mistaken, or a tie.

    Args:
        logits: `[B, C]`.
        labels: The right classes, int `[B]`.
    """
    is_right = tf.one_hot(labels, logits.shape[1], True, False, dtype=tf.bool)
    right = tf.reduce_max(tf.where(is_right, logits, logits.dtype.min), axis=1)
    wrong = tf.reduce_max(tf.where(is_right, logits.dtype.min, logits), axis=1)
    return wrong - right


def project(x: tf.Tensor, origin: tf.Tensor, radius, norm: str, box: Box) -> tf.Tensor:
    """Returns states of the ball around `origin` and of the box.

    Args:
        x: `[B, ...]`.
        origin: The same shape, in the box.
        radius: > 0.
        norm: Of `NORMS`.
        box: The state space.
    """
    gap = x - origin
    if norm == "linf":
        gap = tf.clip_by_value(gap, -radius, radius)
        return box.clip(origin + gap)
    # Towards the origin, which is in the box: clipping after it makes no change longer.
    length = _length(gap)
    return box.clip(origin + gap * tf.minimum(1.0, radius / tf.maximum(length, 1e-12)))


def _length(x: tf.Tensor) -> tf.Tensor:
    """Returns Euclidean lengths, `[B, 1, ...]`."""
    axes = list(range(1, x.shape.rank))
    return tf.sqrt(tf.reduce_sum(tf.square(x), axis=axes, keepdims=True))


class Attack:
    """An attack on a classifier, compiled once.

    Args:
        logits_fn: `[B, ...] -> [B, C]`, differentiable.
        norm: Of `NORMS`.
        box: The state space.
        num_steps: Steps at each radius.
        jit: Whether XLA compiles it.
    """

    def __init__(self, logits_fn: LogitsFn, norm: str, box: Box, num_steps, jit):
        self._logits_fn, self._norm, self._box = logits_fn, norm, box
        self._num_steps = num_steps
        self._step = tf.function(self._one_step, autograph=False, jit_compile=jit)

    def _one_step(self, x, origin, labels, radius):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            margins = margin(self._logits_fn(x), labels)
        slope = tape.gradient(margins, x)
        if self._norm == "linf":
            direction = tf.sign(slope)
        else:
            direction = slope / tf.maximum(_length(slope), 1e-30)
        moved = x + _REACH / self._num_steps * radius * direction
        return margins, project(moved, origin, radius, self._norm, self._box)

    def worst(self, origin: np.ndarray, labels: np.ndarray, radius: float, seed: Seed):
        """Returns the largest margins within a radius, and those of the images.

        Those of the images themselves count, and of every step on the way.

        Args:
            origin: Images, float32 `[B, ...]`, in the box.
            labels: Their classes.
            radius: > 0.
            seed: `int32[2]`; steps begin at a random place near the image.

        Returns:
            Both float32 `[B]`.
        """
        origin, labels = tf.constant(origin), tf.constant(labels)
        radius = tf.constant(radius, tf.float32)
        noise = 2.0 * rng.uniform(seed, origin.shape) - 1.0
        if self._norm == "l2":
            noise = noise / _length(noise)
        start = origin + _START * radius * noise
        x = project(start, origin, radius, self._norm, self._box)
        clean, _ = self._step(origin, origin, labels, radius)
        found = clean
        for _ in range(self._num_steps + 1):  # the last looks at the last place
            margins, x = self._step(x, origin, labels, radius)
            found = tf.maximum(found, margins)
        return found.numpy(), clean.numpy()
