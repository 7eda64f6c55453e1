"""Hamiltonian Monte Carlo in the whitened coordinates of a residual energy."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.sampling.samplers import SamplerConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class WhitenedHmcSampler(SamplerConfig):
    """HMC where the base of the energy is a standard normal; at temperature 1.

    For an energy with a base of its own, such as the network "residual".

    Attributes:
        num_steps: Trajectories of one chain, > 0.
        num_leapfrog: Leapfrog steps of one trajectory, > 0.
        step_size: Length of a leapfrog step, in whitened coordinates, > 0.
        anneal: Whether a chain begins with a sample of the base, wherever it was
            started, and goes from there to the energy, evenly over its steps. From
            uniform noise, far from the base, chains end in modes without weight.
    """

    kind: ClassVar[str] = "whitened_hmc"
    is_metropolis: ClassVar[bool] = True
    depends_on_num_steps: ClassVar[bool] = True
    num_leapfrog: int
    step_size: float
    anneal: bool = False

    def __post_init__(self):
        super().__post_init__()
        checks.require_count("num_leapfrog", self.num_leapfrog)
        checks.require_number("step_size", self.step_size, above=0)
        if not isinstance(self.anneal, bool):
            checks.require(False, "anneal", "true or false", self.anneal)

    def kernel_at(self, box):
        """Returns the trajectories; they ask for an energy with a base of its own."""
        import tensorflow as tf

        from ebm_tf import rng
        from ebm_tf.sampling import whitened

        def kernel_of(k):
            beta = 1.0
            if self.anneal:
                beta = tf.minimum(tf.cast(k + 1, tf.float32) / self.num_steps, 1.0)

            def kernel(energy_fn, x, seed):
                whitened.require_latent(energy_fn, "sampler.kind", self.kind)
                if self.anneal:
                    begin_seed, seed = rng.split(seed, 2)
                    z = energy_fn.enter(x)
                    begun = energy_fn.leave(rng.normal(begin_seed, tf.shape(z)))
                    x = tf.where(tf.equal(k, 0), begun, x)
                return whitened.hmc_step_in_latent(
                    energy_fn,
                    x,
                    seed,
                    step_size=self.step_size,
                    num_leapfrog=self.num_leapfrog,
                    beta=beta,
                )

            return kernel

        return kernel_of
