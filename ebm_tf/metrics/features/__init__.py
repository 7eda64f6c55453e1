"""Networks whose last hidden layer images are compared by: settings, one file each.

A file here derives from `FeatureConfig`, says a `kind` and has `network`. It imports no
TensorFlow when it is imported. To add features is to add this file. The kind is part of
the name of every number that is made of them: `frechet_classifier`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from ebm_tf.registry import Registered

if TYPE_CHECKING:  # what is imported to list features is free of NumPy too
    import keras
    import numpy as np

    from ebm_tf.box import StateSpace
    from ebm_tf.metrics.feature_sets import Features

    # From images as they are stored, `[B, H, W, C]`.
    Network = Callable[[np.ndarray], Features]


class FeatureConfig(Registered, what="feature", package="ebm_tf.metrics.features"):
    """Settings of a network; each kind is a frozen dataclass that derives from it.

    Attributes:
        width: Of its last hidden layer.
        needs_classifier: Whether it is the data set's own classifier, which takes its
            classes.
        batch_size: Images at a time.
    """

    width: ClassVar[int]
    needs_classifier: ClassVar[bool] = False
    batch_size: ClassVar[int] = 250

    def require(self, shape: tuple[int, ...], is_bounded: bool) -> None:
        """Raises unless the network takes such images, and its weights are there.

        Args:
            shape: Of one state.
            is_bounded: Whether the state space is a box.

        Raises:
            FileNotFoundError: If there are no weights.
            ValueError: If they are those of another network, or the states no images
                for it.
        """

    def told(self, shape: tuple[int, ...]) -> str:
        """Returns what is to be known of how such images are taken, or ""."""
        return ""

    def network(
        self, space: StateSpace, classifier: keras.Model | None = None
    ) -> Network:
        """Returns the network.

        Args:
            space: The state space of the images.
            classifier: Of the data set, if `needs_classifier`; from stored images to
                logits.

        Raises:
            FileNotFoundError, ValueError: As `require`.
        """
        raise NotImplementedError


def extract(
    network: Network,
    gather: Callable[[np.ndarray], np.ndarray],
    num: int,
    config: FeatureConfig,
    report: Callable[[int], None] = lambda num: None,
) -> Features:
    """Returns the features of images, which are read a batch at a time.

    Args:
        network: The network.
        gather: Images of the given indices, as they are stored; called with 0 to
            num - 1 in order.
        num: Number of images, >= 1.
        config: Of the network.
        report: Called with the number of images after each batch.

    Raises:
        ValueError: If the features have another width than the settings say, or are
            not finite.
    """
    import numpy as np

    from ebm_tf.metrics import feature_sets

    found = []
    for first in range(0, num, config.batch_size):
        batch = gather(np.arange(first, min(first + config.batch_size, num)))
        made = network(batch)
        feature_sets.require_set(made.features, config.kind)
        feature_sets.require_width(made.features, config.width, config.kind)
        found.append(made)
        report(len(batch))
    return feature_sets.Features(
        *(np.concatenate(parts) for parts in zip(*found, strict=True))
    )
