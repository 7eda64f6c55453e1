"""Data augmentation as a transition of chains.

An image class that is closed under small changes is still described by its density
after them, so a chain may take such a step: it reaches what gradients alone rarely do.

[1] Du, Li, Tenenbaum and Mordatch, Improved contrastive divergence training of
    energy-based models, 2021, section 3.3. https://arxiv.org/abs/2012.01316
"""

import tensorflow as tf

from ebm_tf import rng
from ebm_tf.sampling.config import AugmentConfig
from ebm_tf.types import Seed


def augment(x: tf.Tensor, seed: Seed, config: AugmentConfig) -> tf.Tensor:
    """Returns images some of which are mirrored and shifted [1].

    Each image changes with probability `config.prob`; then it is mirrored left to
    right in half of the cases, if that is on, and shifted by a whole number of
    pixels, uniform on `-max_shift..max_shift` in either direction. What comes in is
    the nearest row or column.

    Args:
        x: Images, float `[B, H, W, C]`.
        seed: `int32[2]`.
        config: How often and what.

    Returns:
        Images of the same shape.
    """
    num = tf.shape(x)[0]
    seeds = rng.split(seed, 4)
    changed = rng.uniform(seeds[0], [num]) < config.prob
    if config.flip:
        mirrored = changed & (rng.uniform(seeds[1], [num]) < 0.5)
        x = tf.where(mirrored[:, None, None, None], tf.reverse(x, [2]), x)
    for axis, axis_seed in ((1, seeds[2]), (2, seeds[3])):
        low, high = -config.max_shift, config.max_shift + 1
        shift = tf.random.stateless_uniform([num], axis_seed, low, high, tf.int32)
        x = _shift(x, tf.where(changed, shift, 0), axis)
    return x


def _shift(x: tf.Tensor, shift: tf.Tensor, axis: int) -> tf.Tensor:
    size = x.shape[axis]
    source = tf.clip_by_value(tf.range(size)[None] - shift[:, None], 0, size - 1)
    return tf.gather(x, source, axis=axis, batch_dims=1)
