"""Study `calibration`: how sure the energy classifies, and how sure it may be."""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks
from ebm_tf.resources import Need
from ebm_tf.studies import StudyConfig

if TYPE_CHECKING:
    from ebm_tf.studies.contract import Findings, Subject


@dataclasses.dataclass(frozen=True, kw_only=True)
class CalibrationConfig(StudyConfig):
    """`p(y | x) = softmax(-E(x, y) / T)` on test images, at T = 1 and at the best T.

    Attributes:
        num_images: Validation images that T is fitted to, and test images.
        num_bins: Bins of as many images each, by confidence.
        level: Noise level of the energies, or null for the lowest.
    """

    kind: ClassVar[str] = "calibration"
    needs_examples: ClassVar[bool] = True
    num_images: int = 5000
    num_bins: int = 15
    level: float | None = None

    def __post_init__(self):
        checks.require_count("num_images", self.num_images)
        checks.require_count("num_bins", self.num_bins, high=self.num_images)
        if self.level is not None:
            checks.require_number("level", self.level, above=0)

    def needs(self, state_bytes, stored_bytes):
        """Returns the memory of the images."""
        both = 2 * self.num_images * (state_bytes + stored_bytes)
        return (Need("the images", both, ("num_images",)),)

    def require_model(self, shape, num_classes, sampler):
        """Raises ValueError unless the energy is of classes."""
        rule = "of classes (energy.num_classes): the study asks which is likeliest"
        checks.require(num_classes is not None, "model", rule, "one without classes")

    def run(self, subject: "Subject") -> "Findings":
        """Compares confidence with accuracy.

        Returns:
            The table `calibration`: accuracy, expected calibration error and what of
            it the number of images explains, log loss and Brier score, "as_trained"
            (T = 1) and "scaled" (T fitted to validation images); and of each bin
            confidence and accuracy. Figure `reliability`.

        Raises:
            ValueError: If there is no such noise level.
        """
        from ebm_tf.studies.calibration import findings

        return findings.find(self, subject)
