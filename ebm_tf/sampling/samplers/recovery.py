"""Chains that walk down noise levels, each held to the state at the level before."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.sampling.samplers import SamplerConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class RecoverySampler(SamplerConfig):
    """One short Langevin chain for each noise level, from the highest to the lowest.

    For an energy that the objective "recovery_likelihood" trained. Wherever a chain
    was started, it begins with noise of the highest level.

    Attributes:
        num_steps: Levels that a chain walks down, > 0: those of the objective.
        steps_per_level: Langevin steps at each, > 0.
        step_size: Of their noise, in units of the width that a single state has given
            the level before, > 0; well below 1, as steps are not adjusted.
    """

    kind: ClassVar[str] = "recovery"
    depends_on_num_steps: ClassVar[bool] = True
    walks_levels: ClassVar[bool] = True
    steps_per_level: int
    step_size: float

    def __post_init__(self):
        super().__post_init__()
        checks.require_count("steps_per_level", self.steps_per_level)
        checks.require_number("step_size", self.step_size, above=0)

    def kernel_at(self, box):
        """Returns the chain of each level; it asks for an energy of noise levels."""
        import tensorflow as tf

        from ebm_tf import rng
        from ebm_tf.sampling.reverse_diffusion import require_levels, walk_down
        from ebm_tf.sampling.tethered import level_at, tethered_chain

        def kernel_of(k):
            def kernel(energy_fn, x, seed):
                require_levels(energy_fn, "sampler.kind", self.kind)
                ends = energy_fn.noise_levels.low, energy_fn.noise_levels.high
                higher, sigma = (level_at(i, self.num_steps, *ends) for i in (k, k + 1))
                start_seed, seed = rng.split(seed, 2)
                return walk_down(
                    x,
                    (k, self.num_steps),
                    box,
                    start=lambda: energy_fn.widest(tf.shape(x)[0], start_seed),
                    step=lambda y: tethered_chain(
                        energy_fn.at_level(sigma),
                        y,
                        (higher, sigma),
                        seed,
                        num_steps=self.steps_per_level,
                        step_size=self.step_size,
                    ),
                )

            return kernel

        return kernel_of
