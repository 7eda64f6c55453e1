"""Rows over the same images are compared image by image."""

import numpy as np
import pytest

from ebm_tf.box import PIXELS
from ebm_tf.likelihood import baselines, comparison, replicates


def test_a_paired_difference_does_not_have_the_spread_of_images():
    generator = np.random.default_rng(1)
    images = generator.normal(1000.0, 200.0, 500)
    model = images + 3.0 + generator.normal(0.0, 1.0, (4, 500))
    found = comparison.difference(model, images)
    assert abs(found.value - 3.0) < 4 * 0.5 / np.sqrt(500)
    alone = replicates.mean_over_images(images[None])
    assert found.half_width < 0.2 < 10 < alone.half_width
    with pytest.raises(ValueError, match=r"`values` must be of 500 images"):
        comparison.difference(model[0, :9], images)


def test_what_is_known_of_log_z_stays_known_of_the_difference():
    runs = [[replicates.run_of([0.0, 0.0])] for _ in range(2)]
    found = replicates.log_likelihood([[-5.0, -7.0]], runs)
    moved = comparison.less(found, [1.0, 2.0])
    assert found.form == moved.form == "at_most"
    assert moved.value == pytest.approx(found.value - 1.5)
    assert moved.point == pytest.approx(4.5)


def test_a_table_has_a_row_of_each_and_the_first_is_what_they_are_compared_with():
    x = np.random.default_rng(0).uniform(0.01, 0.99, (50, 2, 1, 1)).astype("f")
    statistics = baselines.collect([(x, np.zeros(50, int))], PIXELS)
    found = [
        baselines.Baseline(
            name, 0.1, baselines.make(name, statistics, 0.1, PIXELS, (2, 1, 1)), 0.0
        )
        for name in baselines.BASELINES
    ]
    first, *others = comparison.table(found, x, PIXELS)
    assert first["from_first"] is None
    assert [row["name"] for row in others] == [one.name for one in found[1:]]
    for row in others:
        gap = row["mean"]["value"] - first["mean"]["value"]
        assert row["from_first"]["value"] == pytest.approx(gap, abs=1e-9)
        nats = 2 * np.log(2.0) * (8.0 - row["mean"]["bits"]["value"])
        assert nats == pytest.approx(row["mean"]["value"], rel=1e-6)
    noised = comparison.table(found[:1], x, None)
    assert "bits" not in noised[0]["mean"]
