import re

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import PIXELS, OpenSpace
from ebm_tf.conditions import Classes, Numbers
from ebm_tf.export import validation


def graph(check, *specs):
    """Returns `check` as it runs in an exported model: compiled, shapes declared."""
    return tf.function(check, input_signature=list(specs), autograph=False)


def require_refusal(call, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=re.escape(message)):
        call()


@pytest.mark.parametrize("value, holds", [(0, False), (1, True), (5, True), (6, False)])
def test_a_range_includes_both_ends(value, holds):
    check = graph(
        lambda n: validation.in_range("num", n, 1, 5), tf.TensorSpec((), tf.int32)
    )
    if holds:
        assert int(check(tf.constant(value))) == value
    else:
        message = f"`num` must be 1 to 5. Received: num={value}"
        require_refusal(lambda: check(tf.constant(value)), message)


def test_images_at_the_bounds_of_the_box_pass_unchanged():
    spec = tf.TensorSpec((None, 2), tf.float32)
    check = graph(lambda x: validation.images(x, PIXELS, 3), spec)
    x = np.array([[0.0, 1.0], [0.5, 0.25]], np.float32)
    np.testing.assert_array_equal(check(tf.constant(x)), x)


@pytest.mark.parametrize(
    "x, message",
    [
        ([[-0.5, 0.0]], "Received: values from -0.5 to 0, 0 of them not a number"),
        ([[0.0, 1.25]], "Received: values from 0 to 1.25, 0 of them not a number"),
        ([[0.5, np.nan]], "1 of them not a number"),
        ([[0.5, np.inf]], "to inf"),
        ([[0.5, 0.5]] * 4, "`images` must be 1 to 3 images. Received: 4 of them"),
        (np.zeros((0, 2)), "`images` must be 1 to 3 images. Received: 0 of them"),
    ],
)
def test_other_images_are_refused(x, message):
    spec = tf.TensorSpec((None, 2), tf.float32)
    check = graph(lambda x: validation.images(x, PIXELS, 3), spec)
    require_refusal(lambda: check(tf.constant(x, tf.float32)), message)


def test_in_an_open_space_all_that_is_finite_passes():
    space = OpenSpace(mean=0.0, std=1.0)
    spec = tf.TensorSpec((None, 2), tf.float32)
    check = graph(lambda x: validation.images(x, space, 3), spec)
    x = np.array([[-1e9, 7.0]], np.float32)
    np.testing.assert_array_equal(check(tf.constant(x)), x)
    message = "`images` must be finite. Received: values from 0 to inf"
    require_refusal(lambda: check(tf.constant([[0.0, np.inf]])), message)


def check_labels():
    return graph(
        lambda y, num: validation.labels(y, num, Classes(3)),
        tf.TensorSpec((None,), tf.int32),
        tf.TensorSpec((), tf.int32),
    )


def test_labels_of_classes_pass_unchanged():
    y = check_labels()(tf.constant([2, 0, 1]), tf.constant(3))
    np.testing.assert_array_equal(y, [2, 0, 1])


@pytest.mark.parametrize(
    "y, num, message",
    [
        ([0, 3], 2, "`labels` must be 0 to 2. Received: labels=[0 3]"),
        ([-1], 1, "`labels` must be 0 to 2. Received: labels=[-1]"),
        ([0, 1], 3, "one label for each of 3 images. Received: 2 labels"),
    ],
)
def test_other_labels_are_refused(y, num, message):
    require_refusal(lambda: check_labels()(tf.constant(y), tf.constant(num)), message)


class _Module(tf.Module):
    """An exported model of one signature that adds 1 to an argument it checks."""

    def __init__(self, shape):
        super().__init__()
        self.add = graph(
            lambda x: {"y": validation.shape("x", x) + 1.0},
            tf.TensorSpec(shape, tf.float32, "x"),
        )


@pytest.mark.parametrize(
    "declared, good, bad, message",
    [
        ((), (), (1,), "`x` must be of shape []. Received: shape=[1]"),
        ((2,), (2,), (3,), "`x` must be of shape [2]. Received: shape=[3]"),
        ((2,), (2,), (), "`x` must be of shape [2]. Received: shape=[]"),
        ((None, 2), (5, 2), (5, 3), "of shape [B, 2]. Received: shape=[5 3]"),
        ((None, 2), (0, 2), (2,), "of shape [B, 2]. Received: shape=[2]"),
        ((None, 2), (1, 2), (1, 2, 1), "of shape [B, 2]. Received: shape=[1 2 1]"),
    ],
)
def test_shapes_are_looked_at_after_loading(declared, good, bad, message, tmp_path):
    # Only a saved and loaded signature lets another shape as far as the graph.
    module = _Module(declared)
    tf.saved_model.save(module, str(tmp_path), signatures={"add": module.add})
    add = tf.saved_model.load(str(tmp_path)).signatures["add"]
    np.testing.assert_array_equal(add(x=tf.zeros(good))["y"], np.ones(good))
    require_refusal(lambda: add(x=tf.zeros(bad)), message)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_labels_of_numbers_lie_in_the_unit_cube(value):
    check = graph(
        lambda y, num: validation.labels(y, num, Numbers(2)),
        tf.TensorSpec((None, 2), tf.float32),
        tf.TensorSpec((), tf.int32),
    )
    good = tf.constant([[0.0, 1.0], [0.5, 0.2]])
    np.testing.assert_array_equal(check(good, tf.constant(2)), good)
    bad = tf.constant([[0.0, value]])
    require_refusal(lambda: check(bad, tf.constant(1)), "`labels` must be 0 to 1.")
