"""Chains at one noise level, and one jump from there to a state without noise."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.sampling.samplers import SamplerConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class WalkJumpSampler(SamplerConfig):
    """Langevin steps on data with noise, then `x - sigma**2 dE/dx / T`.

    For an energy that the objective "denoising" trained: `exp(-E / T)` is the density
    of data with noise of `noise_std`, on which chains go from mode to mode where those
    of data alone stay. The jump is the mean of the state without noise given the one
    with it (Saremi and Hyvarinen, Neural empirical Bayes, JMLR 2019,
    https://arxiv.org/abs/1903.02334).

    Chains leave the box on the way, as noise does; the jump ends in it.

    Attributes:
        num_steps: Steps of the walk and the jump, which is the last, > 0.
        noise_std: sigma, in units of the state, > 0: that of the objective.
        temperature: T, > 0: that of the objective.
        step_size: Of a step, in units of sigma, > 0; well below 1, as steps are not
            adjusted.
    """

    kind: ClassVar[str] = "walk_jump"
    takes_row_seeds: ClassVar[bool] = True
    depends_on_num_steps: ClassVar[bool] = True
    noise_std: float
    temperature: float
    step_size: float

    def __post_init__(self):
        super().__post_init__()
        for name in ("noise_std", "temperature", "step_size"):
            checks.require_number(name, getattr(self, name), above=0)

    def kernel_at(self, box):
        """Returns the steps of the walk, and the jump."""
        import tensorflow as tf

        from ebm_tf import rng
        from ebm_tf.sampling.reverse_diffusion import slope
        from ebm_tf.types import Step

        step = self.step_size * self.noise_std

        def kernel_of(k):
            def walk(energy_fn, x, seed):
                drift = 0.5 * step**2 / self.temperature * slope(energy_fn, x)
                return x - drift + step * rng.normal(seed, tf.shape(x))

            def jump(energy_fn, x):
                scale = self.noise_std**2 / self.temperature
                return box.clip(x - scale * slope(energy_fn, x))

            def kernel(energy_fn, x, seed):
                start_seed, seed = rng.split(seed, 2)
                # A start is a state without noise, or noise of the box.
                noise = self.noise_std * rng.normal(start_seed, tf.shape(x))
                x = tf.where(tf.equal(k, 0), x + noise, x)
                last = self.num_steps - 1
                moved = tf.case(
                    [
                        (tf.less(k, last), lambda: walk(energy_fn, x, seed)),
                        (tf.equal(k, last), lambda: jump(energy_fn, x)),
                    ],
                    default=lambda: x,
                )
                moved = tf.ensure_shape(moved, x.shape)
                return Step(moved, tf.ones(tf.shape(x)[:1], x.dtype))

            return kernel

        return kernel_of
