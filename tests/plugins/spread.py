"""A study in one file: how far the energies of noise lie apart."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.studies import StudyConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class SpreadConfig(StudyConfig):
    """The standard deviation of energies of noise, nats."""

    kind: ClassVar[str] = "spread"
    num: int = 64

    def __post_init__(self):
        checks.require_count("num", self.num)

    def run(self, subject):
        """Returns a table of one number."""
        from ebm_tf import rng
        from ebm_tf.studies.contract import Findings

        shape = (self.num, *subject.energy.state_shape)
        x = subject.space.noise(rng.make_seed(subject.seed), shape)
        energies = subject.energy(x).numpy()
        return Findings(tables={"spread": {"std": float(energies.std())}})
