"""A study of a user's own, in one file: how far apart examples and noise are."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.studies import StudyConfig
from ebm_tf.studies.contract import Findings


@dataclasses.dataclass(frozen=True, kw_only=True)
class OwnConfig(StudyConfig):
    """Energies of test examples and of noise.

    Attributes:
        num: How many of each.
    """

    kind: ClassVar[str] = "own"
    needs_examples: ClassVar[bool] = True
    num: int = 4

    def __post_init__(self):
        checks.require_count("num", self.num)

    def run(self, subject):
        """Returns the energies as an array, their mean difference as a table."""
        import numpy as np

        from ebm_tf import rng
        from ebm_tf.plots import charts

        noise_seed, data_seed = rng.split(rng.make_seed(subject.seed), 2)
        stored, _ = subject.examples["test"].gather(np.arange(self.num))
        data = subject.energy(subject.space.decode(stored, data_seed)).numpy()
        shape = (self.num, *subject.energy.state_shape)
        noise = subject.energy(subject.space.noise(noise_seed, shape)).numpy()
        subject.report(1, 1)
        gap = float(data.mean() - noise.mean())
        steps = np.arange(self.num)
        return Findings(
            tables={"gap": {"gap": gap, "num": self.num}},
            figures={"energies": charts.curves({"test": (steps, data)}, "x", "y")},
            arrays={"energies": np.stack([data, noise])},
            details={"gap": gap},
            notes={"sampler": subject.sampler.kind},
        )
