"""The paper's chains."""

import dataclasses
from typing import ClassVar

from ebm_tf.sampling.config import LangevinConfig
from ebm_tf.sampling.samplers import SamplerConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class LangevinSampler(LangevinConfig, SamplerConfig):
    """The paper's chains, as in training."""

    kind: ClassVar[str] = "langevin"
    takes_row_seeds: ClassVar[bool] = True

    def kernel_at(self, box):
        """Returns the paper's step, `langevin_step`, which rejects nothing."""
        from ebm_tf.sampling.langevin import langevin_kernel

        kernel = langevin_kernel(self, box)
        return lambda k: kernel
