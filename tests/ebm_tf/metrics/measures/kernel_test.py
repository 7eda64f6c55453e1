"""The measure `kernel`: to as many training images."""

import numpy as np
import pytest

from ebm_tf.metrics import feature_sets, frechet, measures
from ebm_tf.metrics.kernel_distance import kernel_distance
from ebm_tf.metrics.measures.kernel import KernelMeasure


def test_numbers_are_those_of_the_function():
    rng = np.random.default_rng(0)
    train, judged = rng.normal(size=[2, 60, 4])
    probs = rng.dirichlet(np.ones(3), size=60)
    everything = rng.normal(size=[500, 4])
    reference = measures.Reference(train, frechet.gaussian([everything]))
    found = KernelMeasure(num_blocks=6).of(
        feature_sets.Features(judged, probs), reference
    )
    assert found == {"kernel": kernel_distance(train, judged, 6)}


def test_too_few_images_are_refused_before_any_work():
    KernelMeasure().require(20, 5, "n")
    with pytest.raises(ValueError, match="`n` must be at least 20, two for each"):
        KernelMeasure().require(19, 5, "n")
