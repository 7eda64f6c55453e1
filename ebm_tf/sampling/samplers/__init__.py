"""Samplers by name: one file each, with its settings and its kernels.

What is called a sampler is `kernel_at`: the kernel of each step by its number. None
remembers anything and all stay in the box: Langevin steps are clamped to it, as the
paper's are; Metropolis-adjusted ones are reflected at its walls, for clamping would
break the balance that they keep.
"""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.registry import Registered


@dataclasses.dataclass(frozen=True, kw_only=True)
class SamplerConfig(Registered, what="sampler", package="ebm_tf.sampling.samplers"):
    """Settings of a sampler; each kind is a frozen dataclass that derives from it.

    Attributes:
        is_metropolis: Whether steps are rejected, so that acceptance says something.
        depends_on_num_steps: Whether a step depends on how many there are.
        walks_levels: Whether chains walk through the noise levels of an energy.
        takes_row_seeds: Whether its kernels take a seed of each row, see `ebm_tf.rng`,
            and draw all that they draw by `rng`.
        num_steps: Steps of one chain, > 0.
    """

    is_metropolis: ClassVar[bool] = False
    depends_on_num_steps: ClassVar[bool] = False
    walks_levels: ClassVar[bool] = False
    takes_row_seeds: ClassVar[bool] = False
    num_steps: int

    def __post_init__(self):
        checks.require_count("num_steps", self.num_steps)

    def require_energy(self, noise_levels, num_classes: int | None) -> None:
        """Raises ValueError if chains cannot run on an energy of such conditions.

        Args:
            noise_levels: Those of the energy, with `low` and `high`, or None.
            num_classes: Those of the energy, or None.
        """
        rule = "of a sampler without levels, for an energy without noise levels"
        has_levels = noise_levels is not None or not self.walks_levels
        checks.require(has_levels, "sampler.kind", rule, self.kind)

    def kernel_at(self, box):
        """Returns the kernel of each step of a chain, by its number from 0.

        Args:
            box: The state space, a `Box`.

        Returns:
            A `KernelAt` of `ebm_tf.types`.

        Raises:
            ValueError: If the sampler needs a pilot run first.
        """
        raise NotImplementedError

    @property
    def needs_pilot(self) -> bool:
        """Whether a pilot run is to find the step size: see `find_step_size`."""
        return False

    def find_step_size(self, energy_fn, x, seed, box):
        """Runs the pilot's chains; returns the step size, a float32 scalar tensor.

        Args:
            energy_fn: `[B, ...] -> [B]`, nats.
            x: Where they start, in the box, float32 `[B, ...]`.
            seed: `int32[2]`.
            box: The state space.
        """
        raise NotImplementedError

    def adapted(self, step_size: float) -> "SamplerConfig":
        """Returns the sampler with the step size that the pilot found."""
        raise NotImplementedError


kinds, of_kind = SamplerConfig.kinds, SamplerConfig.of_kind
