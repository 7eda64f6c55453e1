"""Study `relative_energy`: energies of samples and all splits (paper, Figure 13)."""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks
from ebm_tf.resources import Need
from ebm_tf.studies import StudyConfig

if TYPE_CHECKING:
    from ebm_tf.studies.contract import Findings, Subject


@dataclasses.dataclass(frozen=True, kw_only=True)
class RelativeEnergyConfig(StudyConfig):
    """Energies of training, validation and test examples, of samples and of noise.

    A model that has learned its training examples by heart gives them lower energies
    than test examples; samples that are draws of it have energies as data have. An
    energy of classes is taken under each example's own, of samples under the lowest.

    Attributes:
        num_examples: Of each split, drawn by the seed, and of samples, the first;
            null for all.
        num_levels: Noise levels at which energies are taken, from the lowest to the
            highest, evenly spaced in their logarithm; for an energy of noise levels,
            whose examples get noise of the level. Others have one.
    """

    kind: ClassVar[str] = "relative_energy"
    needs_examples: ClassVar[bool] = True
    needs_samples: ClassVar[bool] = True
    num_examples: int | None = 2000
    num_levels: int = 3

    def __post_init__(self):
        if self.num_examples is not None:
            checks.require_count("num_examples", self.num_examples, low=2)
        checks.require_count("num_levels", self.num_levels, high=100)

    def needs(self, state_bytes, stored_bytes):
        """Returns the memory of one split at a time."""
        if self.num_examples is None:
            return ()
        both = self.num_examples * (3 * state_bytes + stored_bytes)
        return (Need("the examples of a split", both, ("num_examples",)),)

    def run(self, subject: "Subject") -> "Findings":
        """Takes the energies.

        Returns:
            The table `energies`: at each level, of each set the mean energy less that
            of the training examples, and its spread; and the probabilities that a
            training example has the lower energy than one of another set: 0.5 of test
            examples if nothing is learned by heart. At each level, counted from 0, a
            figure `energies_0` and an array of each set, `train_0`.
        """
        from ebm_tf.studies.relative_energy import findings

        return findings.find(self, subject)
