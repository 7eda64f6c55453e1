"""Statistics of a stream, against those of all its pixels at once."""

import numpy as np

from ebm_tf.box import PIXELS, UNIT, Box
from pipeline.stages import data_statistics


def test_statistics_are_those_of_all_the_pixels():
    rng = np.random.default_rng(0)
    images = rng.integers(3, 200, [30, 4, 5, 3]).astype(np.uint8)
    labels = rng.integers(0, 4, 30).astype(np.int32)
    counts = data_statistics.Statistics(5, PIXELS)
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
    chunks = [(np.zeros([n, 2, 2, 1], np.uint8), np.zeros(n, int)) for n in (4, 2)]
    assert list(data_statistics.with_progress(chunks, 6, "train")) == chunks
    assert "6/6" in capfd.readouterr().err


def test_statistics_of_sequences_and_of_labels_of_numbers():
    rng = np.random.default_rng(0)
    states = rng.random([30, 5, 3], np.float32)
    labels = rng.random([30, 2], np.float32)
    counts = data_statistics.Statistics(None, UNIT)
    chunks = [(states[:11], labels[:11]), (states[11:], labels[11:])]
    assert len(list(counts.watch(chunks))) == 2
    found = counts.as_dict()
    rows = states.reshape(-1, 3).astype(np.float64)
    assert np.allclose(found["mean"], rows.mean(axis=0), rtol=1e-9)
    assert np.allclose(found["std"], rows.std(axis=0), rtol=1e-6)
    assert np.allclose(found["min"], rows.min(axis=0))
    assert np.allclose(found["max"], rows.max(axis=0))
    assert np.allclose(found["label_mean"], labels.mean(axis=0), rtol=1e-6)
    assert "class_counts" not in found


def test_levels_of_another_box_count_as_the_middles_of_their_bins():
    levels = np.array([0, 3], np.uint8).reshape(2, 1, 1, 1)
    space = Box(low=-2.0, high=2.0, num_levels=4)
    counts = data_statistics.Statistics(None, space)
    list(counts.watch([(levels, np.zeros(2, np.int32))]))
    found = counts.as_dict()
    assert (found["min"], found["max"], found["mean"]) == ([-1.5], [1.5], [0.0])
