"""A sampler in one file: down the gradient, without noise."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.sampling.samplers import SamplerConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class DescentConfig(SamplerConfig):
    """Steps down the gradient."""

    kind: ClassVar[str] = "descent"
    step_size: float

    def __post_init__(self):
        super().__post_init__()
        checks.require_number("step_size", self.step_size, above=0)

    def kernel_at(self, box):
        """Returns the step, the same for every number."""
        import tensorflow as tf

        from ebm_tf.sampling.langevin import energy_gradient
        from ebm_tf.types import Step

        def kernel(energy_fn, x, seed):
            moved = x - self.step_size * energy_gradient(energy_fn, x)
            return Step(box.clip(moved), tf.ones(tf.shape(x)[:1]))

        return lambda k: kernel
