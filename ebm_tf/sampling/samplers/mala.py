"""Langevin steps that are accepted or rejected."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.sampling.samplers import SamplerConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class MalaSampler(SamplerConfig):
    """Langevin steps that are accepted or rejected, and so have no bias.

    Proposes `x - step_size * dE/dx + noise_std * n`, the step of `LangevinConfig`
    but for its clip and its order; the stationary density is `exp(-E / T)` on the
    box, `T = noise_std**2 / (2 * step_size)`, whatever the size of the step.

    Attributes:
        num_steps: Steps of one chain, > 0.
        step_size: Factor on the gradient, pixel**2 per nat, > 0.
        noise_std: Scale of the noise, pixels, > 0.
    """

    kind: ClassVar[str] = "mala"
    is_metropolis: ClassVar[bool] = True
    step_size: float
    noise_std: float

    def __post_init__(self):
        super().__post_init__()
        checks.require_number("step_size", self.step_size, above=0)
        checks.require_number("noise_std", self.noise_std, above=0)
        checks.require_number("noise_std**2", self.noise_std**2)
        name = "noise_std**2 / (2 * step_size)"
        checks.require_number(name, self.temperature, above=0)

    @property
    def temperature(self) -> float:
        """T of the stationary density `exp(-E / T)`."""
        return self.noise_std**2 / (2.0 * self.step_size)

    def kernel_at(self, box):
        """Returns Metropolis-adjusted Langevin steps with reflecting walls."""
        from ebm_tf.fold import on_box
        from ebm_tf.sampling.hmc import mala_step

        def kernel(energy_fn, x, seed):
            return mala_step(
                lambda x: energy_fn(x) / self.temperature,
                x,
                seed,
                step_size=self.noise_std**2,
            )

        return lambda k: on_box(kernel, box)
