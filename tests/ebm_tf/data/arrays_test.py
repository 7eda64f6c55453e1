"""Arrays in memory and datasets, as training takes examples and batches."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import PIXELS, UNIT, Box, OpenSpace
from ebm_tf.data import arrays, batches

ROWS = np.random.default_rng(0).random([20, 2], np.float32)
LEVELS = np.arange(40, dtype=np.uint8).reshape(10, 2, 2, 1)


def test_the_interface_of_examples():
    labels = np.arange(10) % 4
    examples = arrays.examples_of(LEVELS, labels)
    assert (examples.num_examples, examples.shape) == (10, (2, 2, 1))
    assert (examples.dtype, examples.space) == (np.uint8, PIXELS)
    states, found = examples.gather(np.array([7, 0, 7]))
    np.testing.assert_array_equal(states, LEVELS[[7, 0, 7]])
    assert found.dtype == np.int32 and found.tolist() == [3, 0, 3]
    sizes = [len(each) for each, _ in examples.chunks(4)]
    assert sizes == [4, 4, 2]
    with pytest.raises(ValueError, match="`indices` must be in"):
        examples.gather(np.array([10]))


def test_batches_of_examples_in_memory_are_those_of_the_update():
    examples = arrays.examples_of(LEVELS)
    read = batches.batches(examples, 3, 4)
    whole = [states.numpy() for states, _ in read(0, 5)]
    for number, states in enumerate(read(2, 4)):
        np.testing.assert_array_equal(states[0], whole[2 + number])


def test_spaces_that_no_one_says():
    assert arrays.examples_of(ROWS).space == UNIT
    wide = arrays.examples_of(10.0 * ROWS.astype(np.float64))
    assert wide.dtype == np.float32
    assert not wide.space.is_bounded
    np.testing.assert_allclose(wide.space.mean, 10 * ROWS.mean(axis=0), rtol=1e-6)


@pytest.mark.parametrize(
    "x, options, text",
    [
        (ROWS, {"space": PIXELS}, "`x` must be uint8, as the box [0, 1] in 256 levels"),
        (LEVELS, {"space": UNIT}, "`x` must be float32, as the box [0, 1] stores"),
        (LEVELS.astype(int), {}, "`x` must be uint8 or floats. Received: int64"),
        (3 * ROWS, {"space": UNIT}, "`x` must be within [0, 1]"),
        (
            LEVELS,
            {"space": Box(low=0.0, high=1.0, num_levels=17)},
            "`x` must be within [0, 16]. Received: ",
        ),
        (
            ROWS,
            {"space": OpenSpace(mean=(0.0, 0.0, 0.0), std=1.0)},
            "`mean` must be one number, or 2, as many as the last axis of states has. "
            "Received: 3 numbers",
        ),
        (ROWS[:, 0], {}, "`x` must be of shape [N, ...]"),
        (ROWS * np.nan, {}, "`x` must be finite. Received: "),
        (ROWS, {"labels": [1, 2]}, "`labels` must be 20"),
        (ROWS, {"labels": -np.ones(20, int)}, "`labels` must be at least 0"),
        (ROWS, {"labels": 2 * ROWS}, "`labels` must be whole numbers [N], or floats"),
    ],
)
def test_refuses(x, options, text):
    with pytest.raises((ValueError, TypeError)) as caught:
        arrays.examples_of(x, **options)
    assert str(caught.value).startswith(text)


def test_batches_of_a_dataset_go_on_where_they_were():
    read = arrays.batches_of(tf.data.Dataset.from_tensor_slices(ROWS), 8)
    order = np.arange(48) % 20  # from the beginning again when it ends
    seen = list(read(0, 6))
    assert len(seen) == 6
    for number, (states, labels) in enumerate(seen):
        np.testing.assert_array_equal(states, ROWS[order[8 * number : 8 * number + 8]])
        assert labels.dtype == tf.int32 and not labels.numpy().any()
    for (states, _), (before, _) in zip(read(2, 5), seen[2:5], strict=True):
        np.testing.assert_array_equal(states, before)


def test_labels_of_a_dataset_keep_their_kind():
    pairs = tf.data.Dataset.from_tensor_slices((LEVELS, np.arange(10)))
    [(states, labels)] = arrays.batches_of(pairs, 3)(0, 1)
    assert states.dtype == tf.uint8 and labels.dtype == tf.int32
    numbers = tf.data.Dataset.from_tensor_slices((ROWS, ROWS.astype(np.float64)))
    [(_, labels)] = arrays.batches_of(numbers, 3)(0, 1)
    assert labels.dtype == tf.float32 and labels.shape == (3, 2)


def test_what_is_no_dataset_of_states():
    triples = tf.data.Dataset.from_tensor_slices((ROWS, ROWS, ROWS))
    named = tf.data.Dataset.from_tensor_slices({"x": ROWS})
    ragged = tf.data.Dataset.from_generator(
        lambda: iter([ROWS]), output_signature=tf.TensorSpec([None, 2], tf.float32)
    )
    for dataset in (triples, named, ragged):
        with pytest.raises(ValueError, match="`dataset` must be of states of a known"):
            arrays.batches_of(dataset, 4)


def test_a_dataset_without_elements_is_refused():
    empty = tf.data.Dataset.from_generator(
        lambda: iter([]), output_signature=tf.TensorSpec([2], tf.float32)
    )
    rows = tf.data.Dataset.from_tensor_slices(ROWS)
    for dataset in (empty, empty.repeat(), rows.take(0), rows.filter(lambda x: False)):
        with pytest.raises(ValueError) as caught:
            arrays.batches_of(dataset, 4)
        line = "`dataset` must be of one element or more. Received: dataset=0"
        assert str(caught.value) == line


def test_a_dataset_of_fewer_elements_than_a_batch_comes_again():
    rows = tf.data.Dataset.from_tensor_slices(ROWS[:3])
    [(states, _)] = arrays.batches_of(rows, 5, UNIT)(0, 1)
    np.testing.assert_array_equal(states, ROWS[[0, 1, 2, 0, 1]])


@pytest.mark.parametrize(
    "states, space, line",
    [
        (
            3 * np.ones([4, 2], np.float32),
            UNIT,
            "`dataset` must be within [0, 1]. Received: dataset='3.0 to 3.0'",
        ),
        (
            np.full([4, 2], 17, np.uint8),
            Box(low=0.0, high=1.0, num_levels=17),
            "`dataset` must be within [0, 16]. Received: dataset='17 to 17'",
        ),
        (
            np.nan * ROWS,
            None,
            "`dataset` must be finite. Received: dataset='8 numbers that are not'",
        ),
        (
            ROWS,
            OpenSpace(mean=0.0, std=(1.0, 1.0, 1.0)),
            "`std` must be one number, or 2, as many as the last axis of states has. "
            "Received: 3 numbers",
        ),
        (
            ROWS,
            PIXELS,
            "`dataset` must be uint8, as the box [0, 1] in 256 levels stores states "
            "(`encode` makes it of float states). Received: float32",
        ),
    ],
)
def test_what_does_not_lie_in_the_space_of_a_dataset(states, space, line):
    dataset = tf.data.Dataset.from_tensor_slices(states)
    with pytest.raises((ValueError, TypeError)) as caught:
        arrays.batches_of(dataset, 4, space)
    assert str(caught.value) == line
