"""Study `neighbours`: the training images nearest to samples (Figures 4 and 5)."""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks, settings
from ebm_tf.metrics.features import FeatureConfig
from ebm_tf.resources import Need, size
from ebm_tf.studies import StudyConfig

if TYPE_CHECKING:
    from ebm_tf.studies.contract import Findings, Subject

# By the distance of the states themselves.
PIXELS = "pixels"


@dataclasses.dataclass(frozen=True, kw_only=True)
class NeighboursConfig(StudyConfig):
    """The nearest training images of samples, by pixels and by features.

    Every training image is compared, a block at a time. As many test images stand
    beside the samples: they are no copies.

    Attributes:
        features: Networks in whose last hidden layer images are compared too, by name.
        num_samples: Samples, the first of the artifact, or all if there are fewer.
        num_neighbours: Neighbours of each.
        num_train: Training images that are searched, the first; null for all.
        block_size: Training images whose features are in memory at a time.
        num_shown: Samples of each picture.
    """

    kind: ClassVar[str] = "neighbours"
    needs_examples: ClassVar[bool] = True
    needs_samples: ClassVar[bool] = True
    features: dict[str, FeatureConfig] = dataclasses.field(default_factory=dict)
    num_samples: int = 100
    num_neighbours: int = 5
    num_train: int | None = None
    block_size: int = 5000
    num_shown: int = settings.display(default=10)

    def __post_init__(self):
        rule = f"by identifiers other than {PIXELS}"
        is_fine = all(n.isidentifier() and n != PIXELS for n in self.features)
        checks.require(is_fine, "features", rule, ", ".join(self.features))
        checks.require_count("num_samples", self.num_samples, low=2)
        checks.require_count("num_neighbours", self.num_neighbours, high=100)
        if self.num_train is not None:
            low = self.num_neighbours
            checks.require_count("num_train", self.num_train, low=low)
        low = self.num_neighbours + 1
        checks.require_count("block_size", self.block_size, low=low)
        checks.require_count("num_shown", self.num_shown, high=40)

    @property
    def needs_classifier(self) -> bool:
        """Whether some features are of the classifier."""
        return any(each.needs_classifier for each in self.features.values())

    def needs(self, state_bytes, stored_bytes):
        """Returns the memory of a block, and of the images looked for."""
        widest = max([0, *(each.width for each in self.features.values())])
        row = state_bytes + stored_bytes + size([widest])
        return (
            Need("a block of training images", self.block_size * row, ("block_size",)),
            Need("the samples", 2 * self.num_samples * row, ("num_samples",)),
        )

    def require_model(self, shape, num_classes, sampler):
        """Raises unless states are images that the features take, with weights."""
        checks.require(len(shape) == 3, "model", "of images, (H, W, C)", shape)
        for each in self.features.values():
            each.require(shape, True)

    def run(self, subject: "Subject") -> "Findings":
        """Finds the neighbours.

        Returns:
            The table `distances`: by pixels and by each of the features, distances of
            samples and of test images to the nearest training image, and the share of
            samples that are nearer than all but a hundredth of test images. For each
            of these a figure of both sets, a picture, and arrays of the neighbours'
            rows and distances.

        Raises:
            ValueError: If there are fewer training images than neighbours.
        """
        from ebm_tf.studies.neighbours import findings

        return findings.find(self, subject)
