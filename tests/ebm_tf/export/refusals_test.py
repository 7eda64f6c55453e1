"""What a loaded SavedModel refuses, and in which words."""

import re

import numpy as np
import pytest
import tensorflow as tf

from tests.ebm_tf.export import small

BAD = [
    ("num", 0, "`num` must be 1 to 6. Received: num=0"),
    ("num", -3, "`num` must be 1 to 6. Received: num=-3"),
    ("num", 2**31 - 1, "`num` must be 1 to 6. Received: num=2147483647"),
    ("num_steps", 0, "`num_steps` must be 1 to 5. Received: num_steps=0"),
    ("num_steps", 6, "`num_steps` must be 1 to 5. Received: num_steps=6"),
    ("labels", [0, 3], "`labels` must be 0 to 2. Received: labels=[0 3]"),
    ("labels", [-1, 0], "`labels` must be 0 to 2. Received: labels=[-1 0]"),
    (
        "labels",
        [0],
        "`labels` must hold one label for each of 2 images. Received: 1 labels",
    ),
    (
        "images",
        np.full((2, *small.SHAPE), 1.5, np.float32),
        "`images` must lie in [0.0, 1.0]. Received: values from 1.5 to 1.5, 0 of",
    ),
    (
        "images",
        np.full((2, *small.SHAPE), np.nan, np.float32),
        "128 of them not a number",
    ),
    (
        "images",
        np.zeros((7, *small.SHAPE), np.float32),
        "`images` must be 1 to 6 images. Received: 7 of them",
    ),
    (
        "images",
        np.zeros((0, *small.SHAPE), np.float32),
        "`images` must be 1 to 6 images. Received: 0 of them",
    ),
]


@pytest.mark.parametrize("name, value, message", BAD)
def test_bad_values_fail_with_a_sentence(conditional, name, value, message):
    _, listing, loaded, _ = conditional
    for signature, spec in listing.items():
        if name in spec["inputs"]:
            request = small.GOOD | {name: tf.constant(value)}
            request = {key: request[key] for key in spec["inputs"]}
            with pytest.raises(
                tf.errors.InvalidArgumentError, match=re.escape(message)
            ):
                loaded.signatures[signature](**request)


@pytest.mark.parametrize(
    "name, shape, found",
    [
        ("images", (2, 8, 9, 1), "[2 8 9 1]"),
        ("images", (2, 8, 8, 3), "[2 8 8 3]"),
        ("images", (8, 8, 1), "[8 8 1]"),
        ("images", (2, 8, 8, 1, 1), "[2 8 8 1 1]"),
        ("images", (), "[]"),
        ("labels", (2, 1), "[2 1]"),
        ("labels", (), "[]"),
        ("num", (1,), "[1]"),
        ("num", (2, 2), "[2 2]"),
        ("num_steps", (1,), "[1]"),
        ("seed", (), "[]"),
        ("seed", (3,), "[3]"),
    ],
)
def test_wrong_shapes_fail_with_a_sentence(conditional, name, shape, found):
    _, listing, loaded, _ = conditional
    for signature, spec in listing.items():
        if name in spec["inputs"]:
            expected = spec["inputs"][name].split(" ", 1)[1]
            message = f"`{name}` must be of shape {expected}. Received: shape={found}"
            request = small.GOOD | {name: tf.ones(shape, small.GOOD[name].dtype)}
            request = {key: request[key] for key in spec["inputs"]}
            with pytest.raises(
                tf.errors.InvalidArgumentError, match=re.escape(message)
            ):
                loaded.signatures[signature](**request)


@pytest.mark.parametrize("dtype", [tf.float64, tf.int32, tf.uint8])
def test_a_wrong_dtype_does_not_get_past_the_signature(unconditional, dtype):
    _, _, loaded, _ = unconditional
    with pytest.raises(tf.errors.InvalidArgumentError, match="expected to be a float"):
        loaded.signatures["energy"](images=tf.zeros((2, *small.SHAPE), dtype))


def test_a_good_request_after_a_bad_one_is_answered(unconditional):
    _, _, loaded, _ = unconditional
    with pytest.raises(tf.errors.InvalidArgumentError):
        loaded.signatures["energy"](images=small.images(1) + 1.0)
    assert loaded.signatures["energy"](images=small.images(1))["energy"].shape == (1,)
