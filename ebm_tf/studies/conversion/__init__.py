"""Study `conversion`: images of one class walk under another's energy (Figure 3)."""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks, settings
from ebm_tf.resources import Need
from ebm_tf.studies import StudyConfig

if TYPE_CHECKING:
    from ebm_tf.studies.contract import Findings, Subject


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConversionConfig(StudyConfig):
    """Test images walk under the energy of another class (paper, Figure 3).

    Attributes:
        num_images: Test images, each of which is asked to become one other class; all
            pairs of classes come up alike.
        num_steps: Steps of a chain; null for as many as the run's sampler takes.
        num_looks: How often the chains are looked at, the start and the end included.
        start_level: Noise that is put on an image first by a sampler that walks
            through noise levels, in units of the state; others begin at the image.
        num_shown: Chains of the film strip.
    """

    kind: ClassVar[str] = "conversion"
    needs_examples: ClassVar[bool] = True
    needs_classifier: ClassVar[bool] = True
    num_images: int = 450
    num_steps: int | None = None
    num_looks: int = 11
    start_level: float = 0.5
    num_shown: int = settings.display(default=10)

    def __post_init__(self):
        checks.require_count("num_images", self.num_images, low=2)
        high = None
        if self.num_steps is not None:
            checks.require_count("num_steps", self.num_steps)
            high = self.num_steps + 1
        checks.require_count("num_looks", self.num_looks, low=2, high=high or 1000)
        checks.require_number("start_level", self.start_level, above=0)
        checks.require_count("num_shown", self.num_shown, high=self.num_images)

    def used_sampler(self, sampler):
        """Returns the sampler with the study's steps, which keeps where it starts."""
        changes = {} if self.num_steps is None else {"num_steps": self.num_steps}
        if sampler.walks_levels:
            changes["start_level"] = self.start_level
        return dataclasses.replace(sampler, **changes)

    def needs(self, state_bytes, stored_bytes):
        """Returns the memory of the images and of the film strip."""
        images = self.num_images * (state_bytes + 2 * stored_bytes)
        strip = self.num_shown * self.num_looks * stored_bytes
        return (
            Need("the images", images, ("num_images",)),
            Need("the film strip", strip, ("num_shown", "num_looks")),
        )

    def require_model(self, shape, num_classes, sampler):
        """Raises ValueError unless the energy is of classes, the states are images."""
        rule = "of classes (energy.num_classes): the study walks from one to another"
        checks.require(num_classes is not None, "model", rule, "one without classes")
        checks.require(len(shape) == 3, "model", "of images, (H, W, C)", shape)
        rule = f"below the steps of a chain, {sampler.num_steps}, plus 2"
        is_fine = self.num_looks <= sampler.num_steps + 1
        checks.require(is_fine, "num_looks", rule, self.num_looks)

    def run(self, subject: "Subject") -> "Findings":
        """Walks images to other classes.

        Returns:
            The table `looks`: at each number of steps the shares of images that the
            classifier finds in the class asked for and in the one they came from, the
            correlation with the image at the start, and how far a pixel has moved.
            The table `pairs`: the share that arrived, by the class it came from and
            the one asked for. Figures `shares`, `kept` and `strip`; array `strip`.
        """
        from ebm_tf.studies.conversion import findings

        return findings.find(self, subject)
