"""The samplers as kernels, `(energy_fn, x, seed) -> Step`, and chains of them.

What is called a sampler here is `kernel_at`: the kernel of each step by its number.
None remembers anything and all stay in the box: Langevin steps are clamped to it,
as the paper's are; Metropolis-adjusted ones are reflected at its walls, for
clamping would break the balance that they keep.

[1] Hoffman and Gelman, The No-U-Turn sampler, 2014, section 3.2 (dual averaging).
"""

import dataclasses
import math

import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf import checks, rng
from ebm_tf.box import Box
from ebm_tf.fold import fold, on_box
from ebm_tf.sampling import config as configs
from ebm_tf.sampling.hmc import hmc_step, mala_step
from ebm_tf.sampling.langevin import LangevinSettings, langevin_step
from ebm_tf.types import EnergyFn, Kernel, KernelAt, Seed, Step


def make_sampler(config: configs.SamplerConfig, box: Box) -> KernelAt:
    """Returns the kernel of each step of a chain, numbered from 0.

    Args:
        config: Which sampler, and its settings.
        box: The state space.

    Raises:
        ValueError: If the step size is still to be found: see `adapt_step_size`.
    """
    if isinstance(config, configs.LangevinSampler):
        return lambda k: langevin_kernel(config, box)
    if isinstance(config, configs.AnnealedSampler):
        return lambda k: annealed_kernel(config, box, k)
    if isinstance(config, configs.MalaSampler):
        return lambda k: mala_kernel(config, box)
    rule = "None: adapt the step size first"
    checks.require(config.adapt is None, "adapt", rule, config.adapt)
    return lambda k: hmc_kernel(config, box)


def langevin_kernel(
    config: configs.LangevinConfig | LangevinSettings, box: Box
) -> Kernel:
    """Returns the paper's step, `langevin_step`, which rejects nothing."""

    def kernel(energy_fn: EnergyFn, x: tf.Tensor, seed: Seed) -> Step:
        x = tf.stop_gradient(langevin_step(energy_fn, x, seed, config, box))
        return Step(x, tf.ones(tf.shape(x)[:1], x.dtype))

    return kernel


def annealed_kernel(
    config: configs.AnnealedSampler, box: Box, k: int | tf.Tensor
) -> Kernel:
    """Returns the paper's step with the noise of step `k`; see `AnnealedSampler`."""
    settings = LangevinSettings(
        num_steps=config.num_steps,
        step_size=config.step_size,
        noise_std=annealed_noise(config, k),
        grad_clip=config.grad_clip,
    )
    return langevin_kernel(settings, box)


def annealed_noise(config: configs.AnnealedSampler, k: int | tf.Tensor) -> tf.Tensor:
    """Returns the scale of the noise of step `k`, pixels, a float32 scalar."""
    share = tf.cast(k, tf.float32) / max(config.num_steps - 1, 1)
    log_ratio = math.log(config.noise_std / config.first_noise_std)
    # A chain may run on after its last step: the noise stays what it was there.
    return config.first_noise_std * tf.exp(log_ratio * tf.minimum(share, 1.0))


def mala_kernel(config: configs.MalaSampler, box: Box) -> Kernel:
    """Returns Metropolis-adjusted Langevin steps with reflecting walls."""

    def kernel(energy_fn: EnergyFn, x: tf.Tensor, seed: Seed) -> Step:
        tempered = _tempered(energy_fn, config.temperature)
        return mala_step(tempered, x, seed, step_size=config.noise_std**2)

    return on_box(kernel, box)


def hmc_kernel(config: configs.HmcSampler, box: Box) -> Kernel:
    """Returns HMC trajectories with reflecting walls and a fixed step size."""

    def kernel(energy_fn: EnergyFn, x: tf.Tensor, seed: Seed) -> Step:
        return hmc_step(
            _tempered(energy_fn, config.temperature),
            x,
            seed,
            step_size=config.step_size,
            num_leapfrog=config.num_leapfrog,
        )

    return on_box(kernel, box)


def find_step_size(
    config: configs.HmcSampler, energy_fn: EnergyFn, x: tf.Tensor, seed: Seed, box: Box
) -> tf.Tensor:
    """Runs pilot chains whose step size adapts, and returns the one found [1].

    The pilot is TFP's `DualAveragingStepSizeAdaptation`. Chains that adapt leave
    nothing invariant, so the pilot's are thrown away: those that count are run with
    the step size found, which no longer changes.

    Args:
        config: The sampler, with `adapt`.
        energy_fn: `[B, ...] -> [B]`, nats.
        x: Where the pilot's chains start, in the box, float32 `[B, ...]`.
        seed: `int32[2]`.
        box: The state space.

    Returns:
        Pixels, a float32 scalar.
    """
    tempered = _tempered(energy_fn, config.temperature)
    kernel = tfp.mcmc.DualAveragingStepSizeAdaptation(
        tfp.mcmc.HamiltonianMonteCarlo(
            lambda y: -tempered(fold(y, box)),
            step_size=tf.constant(config.step_size, tf.float32),
            num_leapfrog_steps=config.num_leapfrog,
        ),
        num_adaptation_steps=config.adapt.num_steps,
        target_accept_prob=config.adapt.target_accept,
        # The mean over chains; by itself TFP takes the harmonic one, which a
        # single chain that is stuck brings down to nothing.
        reduce_fn=tfp.math.reduce_logmeanexp,
    )
    return tfp.mcmc.sample_chain(
        num_results=1,
        num_burnin_steps=config.adapt.num_steps,
        current_state=tf.stop_gradient(x),
        kernel=kernel,
        trace_fn=lambda _, results: results.new_step_size,
        seed=seed,
    ).trace[0]


def adapted(config: configs.HmcSampler, step_size: float) -> configs.HmcSampler:
    """Returns the sampler with the step size that was found.

    Raises:
        ValueError: If it is not positive and finite: no step was ever accepted.
    """
    return dataclasses.replace(config, step_size=step_size, adapt=None)


def run_sampler(
    kernel_at: KernelAt,
    energy_fn: EnergyFn,
    x: tf.Tensor,
    seed: Seed,
    *,
    first: int | tf.Tensor,
    num_steps: int | tf.Tensor,
) -> Step:
    """Moves each row of `x` by steps `first` to `first + num_steps - 1` of a chain.

    Pieces of a chain, run one after another with one seed, are the whole chain. No
    row's chain depends on what the other rows hold.

    Args:
        kernel_at: The sampler.
        energy_fn: `[B, ...] -> [B]`, nats.
        x: States, float32 `[B, ...]`.
        seed: `int32[2]`; step k uses `fold_in(seed, k)`.
        first: Number of the first step.
        num_steps: Number of steps, at least 0.

    Returns:
        `Step`: the states, cut from the tape, and the mean over the steps of the
        acceptance probability, `[B]`, 0 if there was no step.
    """
    shape = x.shape

    def update(step, x, total):
        k = first + step
        moved = kernel_at(k)(energy_fn, x, rng.fold_in(seed, k))
        return step + 1, tf.ensure_shape(moved.x, shape), total + moved.accept_prob

    x = tf.stop_gradient(x)
    _, x, total = tf.while_loop(
        lambda step, *_: step < num_steps,
        update,
        (tf.constant(0), x, tf.zeros(tf.shape(x)[:1], x.dtype)),
        parallel_iterations=1,
    )
    num = tf.cast(tf.maximum(num_steps, 1), x.dtype)
    return Step(tf.stop_gradient(x), tf.stop_gradient(total / num))


def _tempered(energy_fn: EnergyFn, temperature: float) -> EnergyFn:
    return lambda x: energy_fn(x) / temperature
