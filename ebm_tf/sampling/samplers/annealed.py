"""The paper's chains with noise that falls on the way."""

import dataclasses
import math
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.sampling.config import LangevinConfig
from ebm_tf.sampling.samplers import SamplerConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class AnnealedSampler(LangevinConfig, SamplerConfig):
    """The paper's chains with noise that falls from the first step to the last.

    By the same factor at every step, down to `noise_std`. The step size stays, so
    it is the temperature, `noise_std**2 / (2 * step_size)`, that is annealed.

    Attributes:
        first_noise_std: Scale of the noise of the first step, pixels, at least
            `noise_std`, which must be > 0.
    """

    kind: ClassVar[str] = "annealed"
    takes_row_seeds: ClassVar[bool] = True
    depends_on_num_steps: ClassVar[bool] = True
    first_noise_std: float

    def __post_init__(self):
        super().__post_init__()
        checks.require_number("noise_std", self.noise_std, above=0)
        checks.require_number("first_noise_std", self.first_noise_std)
        rule = f"at least noise_std, {self.noise_std}"
        value = self.first_noise_std
        checks.require(value >= self.noise_std, "first_noise_std", rule, value)

    def kernel_at(self, box):
        """Returns the paper's step with the noise of each step."""
        from ebm_tf.sampling.langevin import LangevinSettings, langevin_kernel

        def kernel(k):
            settings = LangevinSettings(
                num_steps=self.num_steps,
                step_size=self.step_size,
                noise_std=self.noise_at(k),
                grad_clip=self.grad_clip,
            )
            return langevin_kernel(settings, box)

        return kernel

    def noise_at(self, k):
        """Returns the scale of the noise of step `k`, pixels, a float32 scalar."""
        import tensorflow as tf

        share = tf.cast(k, tf.float32) / max(self.num_steps - 1, 1)
        log_ratio = math.log(self.noise_std / self.first_noise_std)
        # A chain may run on after its last step: the noise stays what it was there.
        return self.first_noise_std * tf.exp(log_ratio * tf.minimum(share, 1.0))
