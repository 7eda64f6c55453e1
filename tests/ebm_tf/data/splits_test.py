"""What is held out: the right number, disjoint, decided by the seed."""

import numpy as np
import pytest

from ebm_tf.data.splits import hold_out
from ebm_tf.data.types import Split

NUM = 100
LABELS = np.arange(NUM, dtype=np.int32)


def _chunks():
    for start in range(0, NUM, 30):
        labels = LABELS[start : start + 30]
        yield np.repeat(labels, 4).reshape(-1, 2, 2, 1).astype(np.uint8), labels


WHOLE = Split(num_examples=NUM, chunks=_chunks)


def _labels(split):
    images, labels = (np.concatenate(c) for c in zip(*split.chunks(), strict=True))
    assert len(labels) == split.num_examples
    np.testing.assert_array_equal(images[:, 1, 1, 0], labels)
    return labels


@pytest.mark.parametrize("count", [1, 20, 99])
def test_parts_make_the_whole(count):
    rest, held = hold_out(WHOLE, count, 0)
    assert (rest.num_examples, held.num_examples) == (NUM - count, count)
    kept, out = _labels(rest), _labels(held)
    np.testing.assert_array_equal(np.sort(np.concatenate([kept, out])), LABELS)
    # In the order of the whole.
    assert (np.diff(kept) > 0).all()
    assert (np.diff(out) > 0).all()


def test_the_seed_decides():
    one, again, two = (_labels(hold_out(WHOLE, 20, seed)[1]) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert set(one) != set(two)


def test_can_be_read_again():
    rest, _ = hold_out(WHOLE, 20, 0)
    np.testing.assert_array_equal(_labels(rest), _labels(rest))


@pytest.mark.parametrize("count", [0, NUM])
def test_refuses(count):
    with pytest.raises(ValueError, match="`count` must be at"):
        hold_out(WHOLE, count, 0)
