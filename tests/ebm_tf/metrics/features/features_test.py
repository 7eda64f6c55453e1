"""What the registry of features promises, and how features are collected."""

import dataclasses
from typing import ClassVar

import numpy as np
import pytest

from ebm_tf import settings
from ebm_tf.metrics import features
from ebm_tf.metrics.feature_sets import Features

KINDS = features.FeatureConfig.kinds()


@dataclasses.dataclass(frozen=True, kw_only=True)
class MeansFeatures(features.FeatureConfig):
    """Two numbers of an image."""

    width: ClassVar[int] = 2
    batch_size: ClassVar[int] = 4

    def network(self, space, classifier=None):
        return means


MeansFeatures.kind = "means"  # not in the class: it is registered nowhere


def means(stored) -> Features:
    rows = stored.reshape(len(stored), -1).astype(np.float32)
    return Features(np.stack([rows.mean(1), rows.std(1)], 1), np.ones([len(rows), 1]))


def test_which_there_are():
    assert {"classifier", "efficientnet_lite0", "inception_2015"} <= set(KINDS)
    for kind in ("classifier", "efficientnet_lite0"):
        config = settings.from_dict(features.FeatureConfig, {"kind": kind})
        assert config.width > 0 and config.batch_size > 0


def test_batches_are_put_together_in_order():
    images = np.random.default_rng(0).integers(0, 256, [10, 3, 3, 1]).astype(np.uint8)
    asked, counted = [], []

    def gather(rows):
        asked.append(list(rows))
        return images[rows]

    config = MeansFeatures()
    found = features.extract(means, gather, 10, config, counted.append)
    np.testing.assert_allclose(found.features, means(images).features, rtol=1e-6)
    assert found.probs.shape == (10, 1)
    assert asked == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]] and counted == [4, 4, 2]


def test_features_of_another_width_or_not_finite_are_refused():
    config = MeansFeatures()

    def network_of(rows):
        return lambda stored: Features(rows, np.ones([1, 1]))

    def gather(rows):
        return np.zeros([1, 3, 3, 1], np.uint8)

    for rows, text in (
        (np.zeros([1, 3]), "`means` must be features of width 2, as those"),
        (np.full([1, 2], np.inf), "`means` must be finite"),
    ):
        with pytest.raises(ValueError, match=text):
            features.extract(network_of(rows), gather, 1, config)
