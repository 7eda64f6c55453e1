"""Study `trajectories`: paths from noise, and between a start and an end."""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks, settings
from ebm_tf.resources import Need
from ebm_tf.studies import StudyConfig

if TYPE_CHECKING:
    from ebm_tf.studies.contract import Findings, Subject


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrajectoriesConfig(StudyConfig):
    """Held-out trajectories are completed; samples are asked how they move.

    Of a trajectory `[T, D]` some first and some last moments are known. Chains run on
    the moments between, given these. What they find is compared with what was recorded,
    beside what simpler predictors say.

    Attributes:
        num_examples: Held-out trajectories, the same for all predictors.
        num_draws: Chains of each. Their mean is the best guess if all have come to
            where they go; if some are stuck, the one of the lowest energy is.
        num_start: Moments that are known at the start, >= 0.
        num_end: Moments that are known at the end, >= 0; one at least is known.
        num_steps: Steps of a chain; null for as many as the run's sampler takes.
        corrections: Steps at each level of a sampler that walks through noise levels,
            with the known moments held.
        correction_size: Their size in units of the level, > 0.
        num_neighbours: Training trajectories whose mean is a predictor: those with the
            nearest known moments.
        num_train: Training trajectories that predictors learn from, all if fewer.
        num_shown: Trajectories of a picture.
        shown: Which of the D numbers pictures show, from 0.
    """

    kind: ClassVar[str] = "trajectories"
    needs_examples: ClassVar[bool] = True
    needs_samples: ClassVar[bool] = True
    num_examples: int = 100
    num_draws: int = 8
    num_start: int = 1
    num_end: int = 1
    num_steps: int | None = None
    corrections: int = 20
    correction_size: float = 0.9
    num_neighbours: int = 5
    num_train: int = 20_000
    num_shown: int = settings.display(default=4)
    shown: tuple[int, ...] = settings.display(default=(0, 1))

    def __post_init__(self):
        checks.require_count("num_examples", self.num_examples, low=2)
        checks.require_count("num_draws", self.num_draws, low=2, high=10_000)
        for name in ("num_start", "num_end"):
            checks.require_count(name, getattr(self, name), low=0)
        is_fine = self.num_start + self.num_end > 0
        rule = "positive where num_start is 0: a moment is known"
        checks.require(is_fine, "num_end", rule, self.num_end)
        if self.num_steps is not None:
            checks.require_count("num_steps", self.num_steps)
        checks.require_count("corrections", self.corrections, low=0, high=1000)
        checks.require_number("correction_size", self.correction_size, above=0)
        checks.require_count("num_neighbours", self.num_neighbours)
        checks.require_count("num_train", self.num_train, low=self.num_neighbours)
        checks.require_count("num_shown", self.num_shown, high=self.num_examples)
        checks.require(len(self.shown) > 0, "shown", "one number or more", self.shown)
        for number in self.shown:
            checks.require_count("shown", number, low=0)

    def used_sampler(self, sampler):
        """Returns the sampler with the study's number of steps and corrections."""
        from ebm_tf.studies.common import masked

        if self.num_steps is not None:
            sampler = dataclasses.replace(sampler, num_steps=self.num_steps)
        return masked.sampler_of_unknown(
            sampler, self.corrections, self.correction_size
        )

    def needs(self, state_bytes, stored_bytes):
        """Returns the memory of the draws and of what predictors learn from."""
        draws = self.num_examples * self.num_draws * state_bytes
        # Twice as float64: known and unknown moments, and what a fit makes of them.
        train = 4 * self.num_train * state_bytes
        return (
            Need("the draws", draws, ("num_examples", "num_draws")),
            Need("what predictors learn from", train, ("num_train",)),
        )

    def require_model(self, shape, num_classes, sampler):
        """Raises ValueError unless states are trajectories with unknown moments."""
        rule = "of trajectories, (T, D)"
        checks.require(len(shape) == 2, "model", rule, tuple(shape))
        rule = f"below {shape[0]}, the moments there are, less num_start"
        is_fine = self.num_start + self.num_end < shape[0]
        checks.require(is_fine, "num_end", rule, self.num_end)
        rule = f"below {shape[1]}, the numbers of a moment"
        checks.require(max(self.shown) < shape[1], "shown", rule, self.shown)

    def run(self, subject: "Subject") -> "Findings":
        """Completes trajectories, and looks at samples.

        Returns:
            The table `completion`: of each predictor the mean squared error of a number
            of an unknown moment, as states are scaled, its standard error over
            trajectories, its root at each unknown moment, and what share it leaves of
            the error of the training mean; and the variance of draws, half of the error
            of one draw where they are draws of the truth's own density. Of the energy
            there are one draw, the mean of all, and that of the lowest energy. Table
            `samples`: of samples, of data and of noise how far a number moves from a
            moment to the next, how far the next moment is from what a linear law of the
            training set says, and the Frechet distance to the training set where there
            are enough. Figures `completion` and `samples` of paths, and `errors`; the
            draws and the truth as arrays.
        """
        from ebm_tf.studies.trajectories import findings

        return findings.find(self, subject)
