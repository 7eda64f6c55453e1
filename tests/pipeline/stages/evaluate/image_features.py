"""Features of three numbers an image, and settings with them, for tests."""

import dataclasses
from typing import ClassVar

import numpy as np

from ebm_tf.metrics.config import ImageMetricsConfig
from ebm_tf.metrics.feature_sets import Features
from ebm_tf.metrics.features import FeatureConfig
from ebm_tf.metrics.measures import MeasureConfig
from tests import small_run


@dataclasses.dataclass(frozen=True, kw_only=True)
class QuartersFeatures(FeatureConfig):
    """How bright the upper left, upper right and lower left quarters are."""

    width: ClassVar[int] = 3
    batch_size: ClassVar[int] = 7

    def told(self, shape):
        """Returns something to be told."""
        return f"quarters of {shape[0]} rows"

    def network(self, space, classifier=None):
        """Returns means of quarters, and as probabilities their softmax."""
        return quarters


QuartersFeatures.kind = "quarters"  # not in the class: it is registered nowhere


def quarters(stored: np.ndarray) -> Features:
    """Returns the features of uint8 images `[B, 8, 8, 1]`."""
    x = stored.astype(np.float32)[..., 0] / 255.0
    parts = x[:, :4, :4], x[:, :4, 4:], x[:, 4:, :4]
    found = np.stack([part.mean(axis=(1, 2)) for part in parts], axis=1)
    probs = np.exp(4.0 * found)
    return Features(found, probs / probs.sum(axis=1, keepdims=True))


def measures(*kinds: str, **settings) -> dict:
    """Returns measures by name, with their defaults but for small sets."""
    few = {
        "kernel": {"num_blocks": 3},
        "neighbourhoods": {"num_nearest": 2},
        "inception_score": {"num_blocks": 3},
    }
    kinds = kinds or ("frechet", *few)
    return {
        kind: MeasureConfig.of_kind(kind)(**few.get(kind, {}) | settings)
        for kind in kinds
    }


def evaluate_config(*features: FeatureConfig, tasks=("image_metrics",), **changes):
    """Returns settings of an evaluation by features.

    Args:
        *features: Those of quarters if there are none.
        tasks: Of the evaluation.
        **changes: Of its block of image metrics.
    """
    block = ImageMetricsConfig(
        **{
            "num_images": 1000,
            "features": {each.kind: each for each in features or [QuartersFeatures()]},
            "measures": measures(),
        }
        | changes
    )
    return dataclasses.replace(
        small_run.evaluate_config(), tasks=tasks, image_metrics=block
    )
