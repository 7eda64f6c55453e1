"""Images mirrored and shifted: augmented data, or a transition of chains.

An image class that is closed under small changes is still described by its density
after them, so a chain may take such a step: it reaches what gradients alone rarely do.
The released code of the paper can change the data of CIFAR in this way.

[1] Du, Li, Tenenbaum and Mordatch, Improved contrastive divergence training of
    energy-based models, 2021, section 3.3. https://arxiv.org/abs/2012.01316
"""

import functools
from collections.abc import Callable

import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.sampling.config import AugmentConfig
from ebm_tf.types import Seed

# `(x, seed) -> x'`, of images as they are stored or as states.
Augment = Callable[[tf.Tensor, Seed], tf.Tensor]


def make_augment(
    config: AugmentConfig | None, shape: tuple[int, ...], name: str
) -> Augment:
    """Returns `augment` with its settings; with none, what leaves `x` as it is.

    Args:
        config: How often and what, or None.
        shape: Of one state, without the batch.
        name: Of the setting, for messages.

    Raises:
        ValueError: If states that are no images are to be augmented.
    """
    if config is None:
        return lambda x, seed: x
    checks.require(len(shape) == 3, name, f"null for states {shape}", config)
    return functools.partial(augment, config=config)


def augment(x: tf.Tensor, seed: Seed, config: AugmentConfig) -> tf.Tensor:
    """Returns images some of which are mirrored and shifted [1].

    Each image changes with probability `config.prob`; then it is mirrored left to
    right in half of the cases, if that is on, and shifted by a whole number of
    pixels, uniform on `-max_shift..max_shift` in either direction. What comes in is
    the nearest row or column, or zero.

    Args:
        x: Images, of any type, `[B, H, W, C]`.
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
        x = _shift(x, tf.where(changed, shift, 0), axis, config.border)
    return x


def _shift(x: tf.Tensor, shift: tf.Tensor, axis: int, border: str) -> tf.Tensor:
    size = x.shape[axis]
    source = tf.range(size)[None] - shift[:, None]
    nearest = tf.clip_by_value(source, 0, size - 1)
    moved = tf.gather(x, nearest, axis=axis, batch_dims=1)
    if border == "edge":
        return moved
    inside = (source == nearest)[..., None, None]  # rows; of columns one axis later
    inside = inside if axis == 1 else tf.transpose(inside, [0, 2, 1, 3])
    return tf.where(inside, moved, tf.zeros_like(moved))
