"""The measure `frechet`: to all training images."""

import numpy as np
import pytest

from ebm_tf.metrics import feature_sets, frechet, measures
from ebm_tf.metrics.measures.frechet import FrechetMeasure


def test_numbers_are_those_of_the_function():
    rng = np.random.default_rng(0)
    train, judged = rng.normal(size=[2, 60, 4])
    probs = rng.dirichlet(np.ones(3), size=60)
    everything = rng.normal(size=[500, 4])
    reference = measures.Reference(train, frechet.gaussian([everything]))
    found = FrechetMeasure().of(feature_sets.Features(judged, probs), reference)
    expected = frechet.frechet_distance(
        frechet.gaussian([everything]), frechet.gaussian([judged])
    )
    assert found["frechet"].value == pytest.approx(expected, rel=1e-12)
    assert found["frechet"].standard_error is None


def test_too_few_images_are_refused_before_any_work():
    FrechetMeasure().require(6, 5, "n")
    with pytest.raises(ValueError, match="`n` must be above 5, .* leave out"):
        FrechetMeasure().require(5, 5, "n")
