"""The measure `inception_score`: of class probabilities alone."""

import numpy as np
import pytest

from ebm_tf.metrics import feature_sets, frechet, measures
from ebm_tf.metrics.inception_score import inception_score
from ebm_tf.metrics.measures.inception_score import InceptionScoreMeasure


def test_numbers_are_those_of_the_function():
    rng = np.random.default_rng(0)
    train, judged = rng.normal(size=[2, 60, 4])
    probs = rng.dirichlet(np.ones(3), size=60)
    everything = rng.normal(size=[500, 4])
    reference = measures.Reference(train, frechet.gaussian([everything]))
    config = InceptionScoreMeasure(num_blocks=5)
    found = config.of(feature_sets.Features(judged, probs), reference)
    assert found == {"inception_score": inception_score(probs, 5)}


def test_too_few_images_are_refused_before_any_work():
    InceptionScoreMeasure().require(10, 5, "n")
    with pytest.raises(ValueError, match="`n` must be at least 10, the blocks"):
        InceptionScoreMeasure().require(9, 5, "n")
