"""Study `saturation`: what becomes of long chains of a model (paper, A.6)."""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks, settings
from ebm_tf.resources import Need
from ebm_tf.studies import StudyConfig

if TYPE_CHECKING:
    from ebm_tf.sampling.samplers import SamplerConfig
    from ebm_tf.studies.contract import Findings, Subject


@dataclasses.dataclass(frozen=True, kw_only=True)
class SaturationConfig(StudyConfig):
    """Long chains, looked at on their way (paper, A.6).

    Attributes:
        num_chains: Chains side by side, at least 2.
        num_steps: Their length.
        every: Steps from one look to the next; the chains are looked at eight times
            at least, for what is said of them when they have settled.
        num_shown: Chains of the film strip.
        num_frames: Pictures of each, at looks; the first and the last included.
    """

    kind: ClassVar[str] = "saturation"
    num_chains: int
    num_steps: int
    every: int
    num_shown: int = settings.display()
    num_frames: int = settings.display()

    def __post_init__(self):
        checks.require_count("num_chains", self.num_chains, low=2)
        checks.require_count("num_steps", self.num_steps, low=8)
        checks.require_count("every", self.every, high=self.num_steps // 8)
        rule = f"a divisor of num_steps, {self.num_steps}"
        checks.require(self.num_steps % self.every == 0, "every", rule, self.every)
        checks.require_count("num_shown", self.num_shown, high=self.num_chains)
        looks = self.num_steps // self.every + 1
        checks.require_count("num_frames", self.num_frames, low=2, high=looks)

    def used_sampler(self, sampler: "SamplerConfig") -> "SamplerConfig":
        """Returns the sampler with chains as long as the study's."""
        return dataclasses.replace(sampler, num_steps=self.num_steps)

    def needs(self, state_bytes: int, stored_bytes: int) -> tuple[Need, ...]:
        """Returns the memory of the later half of the looks, which are compared."""
        looks = self.num_steps // self.every + 1
        compared = self.num_chains * state_bytes * (looks // 2)
        names = "num_chains", "num_steps"
        return (
            Need("the looks at the chains", compared + 100 * looks, names),
            Need(
                "the film strip",
                self.num_shown * self.num_frames * stored_bytes,
                ("num_shown", "num_frames"),
            ),
        )

    def run(self, subject: "Subject") -> "Findings":
        """Follows long chains from noise.

        Returns:
            The table `looks`, the numbers at every look; a figure of each of
            `findings.CURVES`; the array `strip`, as stored `[F, S, ...]`, some of
            the chains, and of images and sequences the figure `strip`. The details
            have the last look and how well the chains have settled.

        Raises:
            ValueError: If the sampler has a step size that is still to be found.
        """
        from ebm_tf.studies.saturation import findings

        return findings.find(self, subject)
