"""Checks of requests that travel within the graph of an exported model.

Each returns its tensor, which is not computed unless the check holds. A breach is
a `tf.errors.InvalidArgumentError` whose text holds one sentence in the manner of
`ebm_tf.checks`: "`num` must be 1 to 1000. Received: num=0".
"""

import tensorflow as tf

from ebm_tf.box import StateSpace
from ebm_tf.conditions import Classes, ConditionSpace, NoiseLevel


def _require(holds: tf.Tensor, sentence: str, values: list, x: tf.Tensor) -> tf.Tensor:
    text = tf.strings.format(sentence, values)
    with tf.control_dependencies([tf.debugging.Assert(holds, [text])]):
        return tf.identity(x)


def in_range(name: str, value: tf.Tensor, low: int, high: int) -> tf.Tensor:
    """Returns `value`, an integer scalar, if it is within `low` to `high`."""
    sentence = f"`{name}` must be {low} to {high}. Received: {name}={{}}"
    return _require((low <= value) & (value <= high), sentence, [value], value)


def shape(name: str, x: tf.Tensor) -> tf.Tensor:
    """Returns `x` if its shape is the one that its signature declares.

    A loaded signature takes any number and size of dimensions, and may well answer:
    the graph must look for itself.
    """
    # Inside the graph the declared shape is believed, and a comparison with it
    # folded to true. Only bytes do not say what was declared.
    unknown = tf.io.parse_tensor(tf.io.serialize_tensor(x), x.dtype)
    found = tf.shape(unknown)
    expected = tf.constant([-1 if dim is None else dim for dim in x.shape], tf.int32)
    text = ", ".join("B" if dim is None else str(dim) for dim in x.shape)
    sentence = f"`{name}` must be of shape [{text}]. Received: shape={{}}"
    same_rank = tf.equal(tf.size(found), len(x.shape))
    found = _require(same_rank, sentence, [found], found)
    same = tf.reduce_all(tf.equal(found, expected) | tf.equal(expected, -1))
    return _require(same, sentence, [found], x)


def seeds(x: tf.Tensor, max_num: int) -> tf.Tensor:
    """Returns `x`, seeds `[B, 2]`, if B is 1 to `max_num`."""
    num = tf.shape(x)[0]
    sentence = f"`seeds` must be 1 to {max_num} seeds. Received: {{}} of them"
    return _require((num >= 1) & (num <= max_num), sentence, [num], x)


def images(x: tf.Tensor, box: StateSpace, max_num: int) -> tf.Tensor:
    """Returns `x`, images `[B, ...]`, if B is 1 to `max_num` and all are in `box`.

    NaN is not in the box. In an open space, all that is finite is.
    """
    num = tf.shape(x)[0]
    sentence = f"`images` must be 1 to {max_num} images. Received: {{}} of them"
    x = _require((num >= 1) & (num <= max_num), sentence, [num], x)
    if box.is_bounded:
        inside = tf.reduce_all((x >= box.low) & (x <= box.high))
        rule = f"lie in [{box.low}, {box.high}]"
    else:
        inside, rule = tf.reduce_all(tf.math.is_finite(x)), "be finite"
    sentence = (
        f"`images` must {rule}. "
        "Received: values from {} to {}, {} of them not a number"
    )
    num_nan = tf.math.count_nonzero(tf.math.is_nan(x))
    return _require(inside, sentence, [tf.reduce_min(x), tf.reduce_max(x), num_nan], x)


def labels(y: tf.Tensor, num: tf.Tensor, space: ConditionSpace) -> tf.Tensor:
    """Returns `y`, labels or noise levels, if there are `num` and all are of `space`.

    Args:
        y: `[num, ...]`, of one kind.
        num: How many there must be, a scalar.
        space: What they are.
    """
    count, name = tf.shape(y)[0], space.name
    what = "label" if name == "labels" else "noise level"
    sentence = (
        f"`{name}` must hold one {what} for each of {{}} images. Received: {{}} {what}s"
    )
    y = _require(tf.equal(count, num), sentence, [num, count], y)
    low, high = 0, 1
    if isinstance(space, Classes):
        high = space.num - 1
    elif isinstance(space, NoiseLevel):
        low, high = space.low, space.high
    inside = tf.reduce_all((y >= low) & (y <= high))  # NaN is not
    sentence = f"`{name}` must be {low} to {high}. Received: {name}={{}}"
    return _require(inside, sentence, [y], y)
