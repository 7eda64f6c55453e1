"""Study `restoration`: images with a half missing, or with salt and pepper on them."""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks, settings
from ebm_tf.resources import Need
from ebm_tf.studies import StudyConfig

if TYPE_CHECKING:
    from ebm_tf.studies.contract import Findings, Subject

DAMAGES = ("lower_half", "salt_and_pepper")


@dataclasses.dataclass(frozen=True, kw_only=True)
class RestorationConfig(StudyConfig):
    """Chains restore images of the training and of the test set.

    Of "lower_half" the lower half is noise, and known to be: chains run on it alone,
    given the upper half. Of "salt_and_pepper" some pixels are nearly black or white,
    nobody knows which: chains run on the whole image.

    Attributes:
        damages: Which, each once; of `DAMAGES`.
        num_images: Images of each split.
        num_steps: Steps of a chain; null for as many as the run's sampler takes.
        num_looks: How often the images are looked at, the start and the end included.
        salt_share: Of "salt_and_pepper": pixels that are damaged, in (0, 1), half of
            them at a tenth of the range, half at nine tenths.
        start_level: Of "salt_and_pepper": noise that is put on an image first by a
            sampler that walks through noise levels; others begin at the image.
        corrections: Of "lower_half": steps at each level of such a sampler, with the
            known half held, which is what makes the other half go with it.
        correction_size: Their size in units of the level, > 0.
        num_shown: Images of each picture.
    """

    kind: ClassVar[str] = "restoration"
    needs_examples: ClassVar[bool] = True
    damages: tuple[str, ...] = DAMAGES
    num_images: int = 100
    num_steps: int | None = None
    num_looks: int = 6
    salt_share: float = 0.1
    start_level: float = 0.3
    corrections: int = 3
    correction_size: float = 0.5
    num_shown: int = settings.display(default=8)

    def __post_init__(self):
        rule = f"one or more of {', '.join(DAMAGES)}, each once"
        found = self.damages
        is_fine = 0 < len(found) == len(set(found)) and set(found) <= set(DAMAGES)
        checks.require(is_fine, "damages", rule, found)
        checks.require_count("num_images", self.num_images, low=2)
        if self.num_steps is not None:
            checks.require_count("num_steps", self.num_steps)
        checks.require_count("num_looks", self.num_looks, low=2, high=1000)
        checks.require_number("salt_share", self.salt_share, above=0)
        checks.require(self.salt_share < 1, "salt_share", "below 1", self.salt_share)
        checks.require_number("start_level", self.start_level, above=0)
        checks.require_count("corrections", self.corrections, low=0, high=1000)
        checks.require_number("correction_size", self.correction_size, above=0)
        checks.require_count("num_shown", self.num_shown, high=self.num_images)

    def used_sampler(self, sampler):
        """Returns the sampler with the study's number of steps."""
        if self.num_steps is None:
            return sampler
        return dataclasses.replace(sampler, num_steps=self.num_steps)

    def sampler_for(self, damage: str, sampler):
        """Returns the sampler of `used_sampler` as one kind of damage asks for it."""
        if not sampler.walks_levels:
            return sampler
        if damage == "lower_half":
            from ebm_tf.studies.common import masked

            return masked.sampler_of_unknown(
                sampler, self.corrections, self.correction_size
            )
        return dataclasses.replace(sampler, start_level=self.start_level)

    def needs(self, state_bytes, stored_bytes):
        """Returns the memory of the images and of those that are shown."""
        images = 2 * self.num_images * (2 * state_bytes + 2 * stored_bytes)
        shown = self.num_shown * (self.num_looks + 1) * stored_bytes
        return (
            Need("the images", images, ("num_images",)),
            Need("the pictures", shown, ("num_shown", "num_looks")),
        )

    def require_model(self, shape, num_classes, sampler):
        """Raises ValueError unless states are images, and steps as many as looks."""
        checks.require(len(shape) == 3, "model", "of images, (H, W, C)", shape)
        rule = f"at most the steps of a chain, {sampler.num_steps}, and 1"
        is_fine = self.num_looks <= sampler.num_steps + 1
        checks.require(is_fine, "num_looks", rule, self.num_looks)
        # Others begin with noise of the highest level, whatever the image was.
        begins = not sampler.walks_levels or hasattr(sampler, "start_level")
        rule = 'one that can begin at an image, for the damage "salt_and_pepper"'
        is_fine = begins or "salt_and_pepper" not in self.damages
        checks.require(is_fine, "sampler.kind", rule, sampler.kind)

    def run(self, subject: "Subject") -> "Findings":
        """Restores images.

        Returns:
            Tables, figures of curves, pictures and arrays, each named after the damage.
            A table has, for train and test, the mean squared error of a pixel, clipped
            into the box, to the truth at each number of steps, its standard error, and
            the error of putting the mean training image in place of what is missing.

        Raises:
            ValueError: If the states are stored in an open space: it has no range.
        """
        from ebm_tf.studies.restoration import findings

        return findings.find(self, subject)
