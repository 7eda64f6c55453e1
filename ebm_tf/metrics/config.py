"""Settings of the numbers that compare images by their features."""

import dataclasses

from ebm_tf import checks
from ebm_tf.metrics.features import FeatureConfig
from ebm_tf.metrics.measures import MeasureConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class ImageMetricsConfig:
    """How samples are compared with data by features of images.

    Attributes:
        num_images: Samples that are judged, and test images that stand beside them;
            fewer where there are fewer of one of these or of training images.
        num_train: Training images whose mean and covariance samples are compared
            with, drawn by the seed; null for all.
        features: Networks whose features are taken, by name; one or more.
        measures: What is made of them, by name; one or more.
    """

    num_images: int
    num_train: int | None = None
    features: dict[str, FeatureConfig]
    measures: dict[str, MeasureConfig]

    def __post_init__(self):
        checks.require_count("num_images", self.num_images, low=2)
        if self.num_train is not None:
            checks.require_count("num_train", self.num_train, low=2)
        for name in ("features", "measures"):
            found = getattr(self, name)
            checks.require(bool(found), name, "one block or more, by name", found)

    def judged(self, num_examples: dict[str, int], num_samples: int) -> tuple[str, int]:
        """Returns how many images are judged, and what there are no more of.

        Args:
            num_examples: By split.
            num_samples: Of the model.

        Returns:
            What it is called, and the number.
        """
        sizes = {
            "evaluate.image_metrics.num_images": self.num_images,
            "sample.num_samples": num_samples,
        }
        if self.num_train is not None:
            sizes["evaluate.image_metrics.num_train"] = self.num_train
        for split in ("train", "test"):
            sizes[f"images of the split {split}"] = num_examples[split]
        name = min(sizes, key=sizes.get)
        return name, sizes[name]
