"""Hamiltonian Monte Carlo with reflecting walls.

[1] Hoffman and Gelman, The No-U-Turn sampler, 2014, section 3.2 (dual averaging).
"""

import dataclasses
import math
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.sampling.samplers import SamplerConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class StepAdaptation:
    """How a pilot run finds a step size, by dual averaging.

    Attributes:
        num_steps: Steps of the pilot's chains, > 0.
        target_accept: Mean acceptance probability to reach, in (0, 1).
    """

    num_steps: int
    target_accept: float

    def __post_init__(self):
        checks.require_count("num_steps", self.num_steps)
        value = self.target_accept
        checks.require_number("target_accept", value, above=0)
        checks.require(value < 1, "target_accept", "below 1", value)


@dataclasses.dataclass(frozen=True, kw_only=True)
class HmcSampler(SamplerConfig):
    """Hamiltonian Monte Carlo with reflecting walls, for `exp(-E / T)`.

    Attributes:
        num_steps: Trajectories of one chain, > 0.
        num_leapfrog: Leapfrog steps of one trajectory, > 0.
        step_size: Length of a leapfrog step, pixels, > 0; with `adapt` the first
            guess.
        temperature: T, nats, > 0. Langevin chains have
            `noise_std**2 / (2 * step_size)`.
        adapt: The pilot run that finds the step size first, or None to take
            `step_size` as it is.
    """

    kind: ClassVar[str] = "hmc"
    is_metropolis: ClassVar[bool] = True
    num_leapfrog: int
    step_size: float
    temperature: float
    adapt: StepAdaptation | None = None

    def __post_init__(self):
        super().__post_init__()
        checks.require_count("num_leapfrog", self.num_leapfrog)
        checks.require_number("step_size", self.step_size, above=0)
        checks.require_number("temperature", self.temperature, above=0)

    def kernel_at(self, box):
        """Returns HMC trajectories with reflecting walls and a fixed step size."""
        from ebm_tf.fold import on_box
        from ebm_tf.sampling.hmc import hmc_step

        rule = "None: adapt the step size first"
        checks.require(self.adapt is None, "adapt", rule, self.adapt)

        def kernel(energy_fn, x, seed):
            return hmc_step(
                lambda x: energy_fn(x) / self.temperature,
                x,
                seed,
                step_size=self.step_size,
                num_leapfrog=self.num_leapfrog,
            )

        return lambda k: on_box(kernel, box)

    @property
    def needs_pilot(self) -> bool:
        """Whether the step size is still to be found."""
        return self.adapt is not None

    def find_step_size(self, energy_fn, x, seed, box):
        """Runs pilot chains whose step size adapts, and returns the one found [1].

        The pilot is TFP's `DualAveragingStepSizeAdaptation`. Chains that adapt leave
        nothing invariant, so the pilot's are thrown away: those that count are run
        with the step size found, which no longer changes.

        Returns:
            The step size, a float32 scalar tensor; 0 if a trajectory of such steps
            leaves most coordinates where they are, to the last bit of float32.
        """
        import tensorflow as tf
        import tensorflow_probability as tfp

        from ebm_tf.fold import fold

        kernel = tfp.mcmc.DualAveragingStepSizeAdaptation(
            tfp.mcmc.HamiltonianMonteCarlo(
                lambda y: -(energy_fn(fold(y, box)) / self.temperature),
                step_size=tf.constant(self.step_size, tf.float32),
                num_leapfrog_steps=self.num_leapfrog,
            ),
            num_adaptation_steps=self.adapt.num_steps,
            target_accept_prob=self.adapt.target_accept,
            # The mean over chains; by itself TFP takes the harmonic one, which a
            # single chain that is stuck brings down to nothing.
            reduce_fn=tfp.math.reduce_logmeanexp,
        )
        x = tf.stop_gradient(x)
        found = tfp.mcmc.sample_chain(
            num_results=1,
            num_burnin_steps=self.adapt.num_steps,
            current_state=x,
            kernel=kernel,
            trace_fn=lambda _, results: results.new_step_size,
            seed=seed,
        ).trace[0]
        # A momentum is about 1 in every coordinate.
        moves = tf.cast(x + self.num_leapfrog * found != x, tf.float32)
        return tf.where(tf.reduce_mean(moves) > 0.5, found, 0.0)

    def adapted(self, step_size: float) -> "HmcSampler":
        """Returns the sampler with the step size that was found.

        Raises:
            ValueError: If it is not positive and finite: the pilot's chains did not
                move, as no step was ever accepted.
        """
        rule = (
            f"one at which chains move: the pilot's accepted no step from "
            f"step_size={self.step_size:g} down, so begin with a smaller one, raise "
            "`temperature`, or look whether the energy is finite where chains start"
        )
        moves = math.isfinite(step_size) and step_size > 0.0
        checks.require(moves, "step_size", rule, step_size)
        return dataclasses.replace(self, step_size=step_size, adapt=None)
