"""Settings of the check along noise levels, without TensorFlow."""

import dataclasses
import itertools

from ebm_tf import checks


@dataclasses.dataclass(frozen=True, kw_only=True)
class LevelLikelihoodConfig:
    """How the likelihood of an energy of noise levels is read off, and checked.

    Attributes:
        num_levels: Steps of the path, increasing; the last counts, fewer are shown
            beside it.
        num_chains: Forward chains of each run, at least 2.
        num_images: Images of the test split that chains run back from, at least 2;
            what is learned is read off as many of the test and the training split.
        num_learned: Images of each split whose learned likelihood is read off, at
            least 2.
        num_replicates: Independent runs: 5 and more for an interval, 10 and more with
            `resample`.
        num_reverse: Runs of chains back from each image.
        resample: Whether forward chains are resampled by their weights.
        pilot_levels: Steps of the run that says where the path has to be fine.
        pilot_chains: Its chains, at least 2.
        corrections: Metropolis-adjusted Langevin steps after each step, or 0.
        correction_size: Their size in units of the level, > 0.
        num_tried: How many settings were tried before on the same images, these among
            them, and then chosen from.
    """

    num_levels: tuple[int, ...]
    num_chains: int
    num_images: int
    num_learned: int
    num_replicates: int
    num_reverse: int
    resample: bool
    pilot_levels: int
    pilot_chains: int
    corrections: int = 0
    correction_size: float = 0.1
    num_tried: int = 1

    def __post_init__(self):
        for name in ("num_chains", "num_images", "num_learned", "pilot_chains"):
            checks.require_count(name, getattr(self, name), low=2)
        for name in ("num_replicates", "num_reverse", "pilot_levels", "num_tried"):
            checks.require_count(name, getattr(self, name))
        checks.require_count("corrections", self.corrections, low=0, high=100)
        checks.require_number("correction_size", self.correction_size, above=0)
        if not isinstance(self.resample, bool):
            checks.require(False, "resample", "true or false", self.resample)
        for num in self.num_levels:
            checks.require_count("num_levels", num)
        rises = all(a < b for a, b in itertools.pairwise(self.num_levels))
        rule = "non-empty and increasing"
        checks.require(self.num_levels and rises, "num_levels", rule, self.num_levels)
