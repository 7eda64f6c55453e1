"""Study `out_of_distribution`: does the energy tell its data from other images?"""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks, settings
from ebm_tf.resources import Need
from ebm_tf.studies import StudyConfig

if TYPE_CHECKING:
    from ebm_tf.studies.contract import Findings, Subject

GENERATED = ("noise", "constants", "interpolations", "textures")


@dataclasses.dataclass(frozen=True, kw_only=True)
class OutOfDistributionConfig(StudyConfig):
    """Test images of the model's data against images of other kinds.

    All are stored alike and dequantized alike before the energy sees them. An energy of
    classes is taken under the class of which it is lowest.

    Attributes:
        examples: Folders of artifacts `examples` of other data, by names that figures
            tell; their test images are taken.
        generated: Kinds of images that are made here, of `GENERATED`: uniform noise;
            images of one color; the means of two test images; gratings.
        num_images: Images of each set.
        num_train: Training images whose mean energy, and spread over levels, scores are
            compared with.
        level: The noise level at which energies are taken; null for the lowest, and for
            energies without levels.
        num_levels: Levels of the score `levels`, of an energy of noise levels.
        num_shown: Images of each set in the picture.
    """

    kind: ClassVar[str] = "out_of_distribution"
    needs_examples: ClassVar[bool] = True
    examples: dict[str, str] = dataclasses.field(default_factory=dict)
    generated: tuple[str, ...] = GENERATED
    num_images: int = 1000
    num_train: int = 1000
    level: float | None = None
    num_levels: int = 8
    num_shown: int = settings.display(default=8)

    def __post_init__(self):
        rule = f"of {', '.join(GENERATED)}, each at most once"
        found = self.generated
        is_fine = len(found) == len(set(found)) and set(found) <= set(GENERATED)
        checks.require(is_fine, "generated", rule, found)
        both = sorted({"train", "test", *found} & set(self.examples))
        rule = "by names that no other set has"
        checks.require(not both, "examples", rule, ", ".join(both))
        rule = "not empty where `generated` is"
        checks.require(bool(found or self.examples), "examples", rule, self.examples)
        checks.require_count("num_images", self.num_images, low=2)
        checks.require_count("num_train", self.num_train, low=2)
        if self.level is not None:
            checks.require_number("level", self.level, above=0)
        checks.require_count("num_levels", self.num_levels, low=2, high=100)
        checks.require_count("num_shown", self.num_shown, high=self.num_images)

    def also_shown(self) -> tuple[str, ...]:
        """Returns the setting whose files count by what is in them, not by its text."""
        return ("examples",)

    def other_examples(self):
        """Returns the folders of the setting `examples`."""
        return self.examples

    def needs(self, state_bytes, stored_bytes):
        """Returns the memory of one set of images at a time."""
        both = state_bytes + stored_bytes
        return (
            Need("a set of images", self.num_images * both, ("num_images",)),
            Need("the training images", self.num_train * both, ("num_train",)),
        )

    def require_model(self, shape, num_classes, sampler):
        """Raises ValueError unless states are images."""
        checks.require(len(shape) == 3, "model", "of images, (H, W, C)", shape)

    def run(self, subject: "Subject") -> "Findings":
        """Scores test images and others.

        Returns:
            The table `auroc`: of each set and score the probability that a test image
            has the lower score, and its standard error; `chosen` of a set is the score
            that is best on average over the other sets. Figures `auroc` and `images`;
            an array of scores of each set, `[N, S]`, in the order of the table's
            `scores`.

        Raises:
            ValueError: If the states are not in a box, or there is no such level.
        """
        from ebm_tf.studies.out_of_distribution import findings

        return findings.find(self, subject)
