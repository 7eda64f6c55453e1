"""Held-out images and statistics of a stream, against counts by hand."""

import math

import numpy as np
import pytest

from ebm_tf import checks
from pipeline import splits


def source(images, labels, chunk_size, num_test=2):
    """Returns the splits of a data set that comes in chunks of that size."""

    def chunks():
        for first in range(0, len(images), chunk_size):
            yield (
                images[first : first + chunk_size],
                labels[first : first + chunk_size],
            )

    train = splits.Part(len(images), chunks)
    test = splits.Part(num_test, lambda: iter([(images[:num_test], labels[:num_test])]))
    return {"train": train, "test": test}


def numbered(num):
    """Returns images that each hold their own number, and labels."""
    images = np.zeros([num, 2, 2, 1], np.uint8)
    images[:, 0, 0, 0], images[:, 0, 1, 0] = np.divmod(np.arange(num), 256)
    return images, (np.arange(num) % 3).astype(np.int32)


def numbers(part):
    images = np.concatenate([images for images, _ in part.chunks()])
    return images[:, 0, 0, 0].astype(int) * 256 + images[:, 0, 1, 0]


def test_train_and_validation_are_the_training_set_once_each():
    images, labels = numbered(1000)
    parts = splits.hold_out(source(images, labels, 64), 100, seed=3)
    kept, held = numbers(parts["train"]), numbers(parts["validation"])
    assert parts["train"].num_examples == len(kept) == 900
    assert parts["validation"].num_examples == len(held) == 100
    assert sorted([*kept, *held]) == list(range(1000))
    for part in (parts["train"], parts["validation"]):
        for images, labels in part.chunks():
            number = images[:, 0, 0, 0].astype(int) * 256 + images[:, 0, 1, 0]
            assert np.array_equal(labels, number % 3)


def test_selection_depends_on_the_seed_and_not_on_chunks():
    images, labels = numbered(500)

    def held(chunk_size, seed):
        parts = splits.hold_out(source(images, labels, chunk_size), 50, seed)
        return numbers(parts["validation"]).tolist()

    assert held(7, 1) == held(500, 1)
    assert held(7, 1) != held(7, 2)


def test_every_image_is_equally_likely_to_be_held_out():
    # Counts over seeds are near Binomial(runs, 3/10); the sum of squared z-scores
    # of 10 of them is near chi-square with 9 degrees of freedom, mean 9, std 4.24.
    runs, images = 4000, numbered(10)
    counts = np.zeros(10)
    for seed in range(runs):
        parts = splits.hold_out(source(*images, 4), 3, seed)
        counts[numbers(parts["validation"])] += 1
    variance = runs * 0.3 * 0.7
    # One held-out set has a fixed size, which makes counts anticorrelated: 9 / 10.
    statistic = np.sum((counts - runs * 0.3) ** 2) / variance * (9 / 10)
    bound = 9 + 5 * math.sqrt(18)
    # Power: one image a fifth less likely than the rest shows by itself.
    assert (0.2 * runs * 0.3) ** 2 / variance * (9 / 10) > 2 * bound
    assert statistic < bound


def test_holding_out_everything_is_refused():
    images, labels = numbered(5)
    with pytest.raises(checks.InvalidValueError, match="below the 5 training images"):
        splits.hold_out(source(images, labels, 5), 5, seed=0)


def test_statistics_are_those_of_all_the_pixels():
    rng = np.random.default_rng(0)
    images = rng.integers(3, 200, [30, 4, 5, 3]).astype(np.uint8)
    labels = rng.integers(0, 4, 30).astype(np.int32)
    counts = splits.Statistics(num_classes=5)
    chunks = [(images[:11], labels[:11]), (images[11:], labels[11:])]
    passed = list(counts.watch(chunks))
    for old, new in zip(chunks, passed, strict=True):
        assert old[0] is new[0] and old[1] is new[1]
    found = counts.as_dict()
    pixels = (images.reshape(-1, 3) + 0.5) / 256
    assert found["class_counts"] == np.bincount(labels, minlength=5).tolist()
    assert np.allclose(found["mean"], pixels.mean(axis=0), rtol=1e-12)
    assert np.allclose(found["std"], pixels.std(axis=0), rtol=1e-9)
    assert np.allclose(found["min"], pixels.min(axis=0))
    assert np.allclose(found["max"], pixels.max(axis=0))


def test_progress_passes_everything_on(capfd):
    images, labels = numbered(6)
    stream = source(images, labels, 4)["train"].chunks()
    passed = list(splits.with_progress(stream, 6, "train"))
    assert [len(rows) for rows, _ in passed] == [4, 2]
    assert "6/6" in capfd.readouterr().err
