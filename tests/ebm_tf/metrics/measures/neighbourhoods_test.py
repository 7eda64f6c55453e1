"""The measure `neighbourhoods`: among as many training images."""

import numpy as np
import pytest

from ebm_tf.metrics import feature_sets, frechet, measures
from ebm_tf.metrics.measures.neighbourhoods import NeighbourhoodsMeasure
from ebm_tf.metrics.neighbourhoods import neighbourhoods


def test_numbers_are_those_of_the_function():
    rng = np.random.default_rng(0)
    train, judged = rng.normal(size=[2, 60, 4])
    probs = rng.dirichlet(np.ones(3), size=60)
    everything = rng.normal(size=[500, 4])
    reference = measures.Reference(train, frechet.gaussian([everything]))
    config = NeighbourhoodsMeasure(num_nearest=3)
    found = config.of(feature_sets.Features(judged, probs), reference)
    assert found == neighbourhoods(train, judged, 3)._asdict()


def test_too_few_images_are_refused_before_any_work():
    NeighbourhoodsMeasure().require(6, 5, "n")
    with pytest.raises(ValueError, match="`n` must be above 5, the neighbours"):
        NeighbourhoodsMeasure().require(5, 5, "n")
