"""From noise down the gradient to data, then Langevin steps at a temperature."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.sampling.config import FlowConfig
from ebm_tf.sampling.samplers import SamplerConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class GradientFlowSampler(FlowConfig, SamplerConfig):
    """Chains of an energy that the objective "energy_matching" trained.

    Wherever a chain was started, it begins with normal noise at time 0, unless
    `start_std` is null.

    Attributes:
        start_std: Deviation of that noise, in units of the state, > 0: that of the
            objective. null keeps the start, as data or what is near them: chains
            are at the final temperature from their first step then.
    """

    kind: ClassVar[str] = "gradient_flow"
    start_std: float | None

    def __post_init__(self):
        super().__post_init__()
        if self.start_std is not None:
            checks.require_number("start_std", self.start_std, above=0)

    def kernel_at(self, box):
        """Returns the steps; the first makes the noise."""
        import tensorflow as tf

        from ebm_tf import rng
        from ebm_tf.sampling.gradient_flow import flow_kernel_at, noise_at_centre

        if self.start_std is None:
            return flow_kernel_at(self, box, 1.0)
        flow = flow_kernel_at(self, box)

        def kernel_of(k):
            def kernel(energy_fn, x, seed):
                start_seed, seed = rng.split(seed, 2)
                start = noise_at_centre(box, self.start_std, start_seed, tf.shape(x))
                x = tf.where(tf.equal(k, 0), start, x)
                return flow(k)(energy_fn, x, seed)

            return kernel

        return kernel_of
