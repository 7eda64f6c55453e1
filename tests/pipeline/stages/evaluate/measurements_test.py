"""The tasks of an evaluation, on energies and images with known answers."""

import math
import os

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.conditions import Classes, NoiseLevel, Several
from ebm_tf.data.shards import Examples
from pipeline.stages.evaluate import measurements
from tests import small_run


class _Brightness:
    """The energy `sum(x)` nats, whose mean over an image's bins is known."""

    condition_space = None

    def __call__(self, x):
        return tf.reduce_sum(x, axis=[1, 2, 3])


class _Label:
    """The energy of a state is its label."""

    condition_space = Classes(3)

    def __call__(self, x, labels):
        return tf.cast(labels, tf.float32) + 0.0 * tf.reduce_sum(x, axis=[1, 2, 3])


class _LabelAndLevel:
    """The energy of a state is its label, and ten times its noise level."""

    condition_space = Several({"labels": Classes(3), "noise_level": NoiseLevel(2, 4)})

    def __call__(self, x, condition):
        nothing = 0.0 * tf.reduce_sum(x, axis=[1, 2, 3])
        labels = tf.cast(condition["labels"], tf.float32)
        return labels + 10.0 * condition["noise_level"] + nothing


def _sets():
    names = ("train", "validation", "test", "samples")
    return {
        name: measurements.Images(*small_run.pictures(300, seed))
        for seed, name in enumerate(names)
    }


def test_energies_are_of_images_dequantized():
    sets = _sets()
    found = measurements.energies(_Brightness(), sets, seed=0, jit_compile=False)
    num_pixels = math.prod(small_run.SHAPE)
    for name, images in sets.items():
        low = images.levels.reshape(300, -1).sum(axis=1) / 256
        inside = found.arrays[name] - low
        # A sum of uniform offsets in [0, 1/256): known mean and spread.
        std = math.sqrt(num_pixels / 12) / 256
        tolerance = 4 * std / math.sqrt(300)
        assert abs(inside.mean() - num_pixels / 512) < tolerance < num_pixels / 1000
        assert inside.std() == pytest.approx(std, rel=4 / math.sqrt(600))
    noise = found.arrays["noise"]
    std = math.sqrt(num_pixels / 12)
    assert abs(noise.mean() - num_pixels / 2) < 4 * std / math.sqrt(300) < 1
    assert found.metrics["sets"]["train"]["relative_mean"] == 0


def test_aurocs_name_the_set_that_should_be_lower():
    sets = _sets()
    brighter = np.minimum(sets["samples"].levels, 100) + 150
    sets["samples"] = measurements.Images(brighter.astype(np.uint8), None)
    found = measurements.energies(_Brightness(), sets, seed=0, jit_compile=False)
    by_name = {(a["lower"], a["higher"]): a for a in found.metrics["auroc"]}
    assert by_name["test", "samples"]["area"] == 1.0
    assert abs(by_name["train", "test"]["area"] - 0.5) < 0.1


def test_each_image_is_taken_at_its_own_label_and_noise_at_those_of_test():
    sets = _sets()
    found = measurements.energies(_Label(), sets, seed=0, jit_compile=False)
    for name, images in sets.items():
        np.testing.assert_array_equal(found.arrays[name], images.labels)
    np.testing.assert_array_equal(found.arrays["noise"], sets["test"].labels)


def test_of_noise_levels_the_lowest_is_taken():
    sets = _sets()
    found = measurements.energies(_LabelAndLevel(), sets, seed=0, jit_compile=False)
    for name, images in sets.items():
        np.testing.assert_array_equal(found.arrays[name], images.labels + 20)
    np.testing.assert_array_equal(found.arrays["noise"], sets["test"].labels + 20)


def test_the_seed_decides_dequantization():
    found = [
        measurements.energies(_Brightness(), _sets(), seed, False).arrays["samples"]
        for seed in (0, 0, 1)
    ]
    np.testing.assert_array_equal(found[0], found[1])
    assert np.all(found[0] != found[2])


def test_choosing_is_seeded_and_takes_each_image_once(tmp_path):
    examples = small_run.make_examples(tmp_path)
    train = Examples(os.path.join(examples, "train"))
    first, same, other = (measurements.choose(train, 20, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.levels, same.levels)
    assert np.any(first.levels != other.levels)
    assert len(np.unique(first.levels, axis=0)) == 20
    assert len(measurements.choose(train, 10**6, 0).levels) == 90


def test_copies_show(tmp_path):
    examples = small_run.make_examples(tmp_path)
    train = Examples(os.path.join(examples, "train"))
    copies = measurements.Images(*train.gather(np.arange(80, 90)))
    test = measurements.choose(Examples(os.path.join(examples, "test")), 30, 0)
    found = measurements.nearest_images(train, {"test": test, "samples": copies}, 2, 3)
    copied, honest = (found.metrics["sets"][name] for name in ("samples", "test"))
    assert copied["median"] == copied["max"] == 0 and copied["near_share"] == 1
    assert honest["min"] > 0 and honest["near_share"] < 0.1
    np.testing.assert_array_equal(
        found.arrays["samples_indices"][:, 0], np.arange(80, 90)
    )


def test_distances_are_in_pixels(tmp_path):
    examples = small_run.make_examples(tmp_path)
    train = Examples(os.path.join(examples, "train"))
    # One pixel of one image moved by 64 levels: a quarter of the range.
    moved, _ = train.gather(np.array([7]))
    moved[0, 0, 0, 0] = (int(moved[0, 0, 0, 0]) + 64) % 256
    sets = {name: measurements.Images(moved, None) for name in ("test", "samples")}
    found = measurements.nearest_images(train, sets, 1, 1)
    assert found.metrics["sets"]["samples"]["median"] == 0.25
