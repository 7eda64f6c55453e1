"""Study `costs`: parameters, time of training, time of samples (paper, Figure 8)."""

import dataclasses
from typing import TYPE_CHECKING, ClassVar

from ebm_tf import checks
from ebm_tf.resources import Need
from ebm_tf.studies import StudyConfig

if TYPE_CHECKING:
    from ebm_tf.studies.contract import Findings, Subject


@dataclasses.dataclass(frozen=True, kw_only=True)
class CostsConfig(StudyConfig):
    """What a preset, or a model, costs here: rates are measured, totals extrapolated.

    Networks are new and data are noise of the right kind: no rate depends on what the
    numbers are. Updates are the first of a run.

    Attributes:
        num_updates: Updates that are timed, after one that is not.
        num_rows: Examples of a timed update; null for as many as an update has. The
            time of a whole one is taken to be proportional.
        num_steps: Steps of chains that are timed, after one that is not.
        num_chains: How many chains step together.
        num_images: How many images samples are counted for.
    """

    kind: ClassVar[str] = "costs"
    needs_model: ClassVar[bool] = False
    needs_recipe: ClassVar[bool] = True
    num_updates: int = 3
    num_rows: int | None = None
    num_steps: int = 5
    num_chains: int = 100
    num_images: int = 50_000

    def __post_init__(self):
        if self.num_rows is not None:
            checks.require_count("num_rows", self.num_rows)
        for name in ("num_updates", "num_steps", "num_chains", "num_images"):
            checks.require_count(name, getattr(self, name))

    def needs(self, state_bytes, stored_bytes):
        """Returns the memory of the chains that step together."""
        chains = 3 * self.num_chains * state_bytes
        return (Need("the chains", chains, ("num_chains",)),)

    def run(self, subject: "Subject") -> "Findings":
        """Measures the rates.

        Returns:
            The table `costs`: the parameters; seconds of an update and of a step, the
            median, and CPU-seconds over all threads, the mean; hours of the training
            as its settings say, and of samples by the run's sampler; and the paper's
            numbers. The figure `costs`, beside the paper's.

        Raises:
            ValueError: If the sampler takes fewer steps than are timed, or the
                updates' rows are more than an update has.
        """
        from ebm_tf.studies.costs import findings

        return findings.find(self, subject)
