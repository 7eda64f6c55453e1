"""Metropolis-adjusted kernels: TFP's, as functions that remember nothing.

TFP's kernels carry the log-probability and the gradient of the last state in
their results. Handed to a kernel for another energy - the next temperature, new
weights - they are wrong, and the kernel no longer leaves its target invariant.
Here the results are made anew at every call, for one more evaluation of the
energy a step, and there is nothing to hand on.

[1] Neal, MCMC using Hamiltonian dynamics, 2011. https://arxiv.org/abs/1206.1901
[2] Roberts and Tweedie, Exponential convergence of Langevin distributions and
    their discrete approximations, 1996.
"""

import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf import checks, state_checks
from ebm_tf.types import EnergyFn, Seed, Step


def hmc_step(
    energy_fn: EnergyFn,
    x: tf.Tensor,
    seed: Seed,
    *,
    step_size: float | tf.Tensor,
    num_leapfrog: int,
) -> Step:
    """One transition of Hamiltonian Monte Carlo with a unit mass matrix [1].

    Fresh momenta, `num_leapfrog` leapfrog steps, then accept or stay. Reversible
    with respect to `exp(-energy)`. A trajectory that runs into an energy that is
    not finite is rejected.

    Args:
        energy_fn: `[B, ...] -> [B]`, nats.
        x: States, float `[B, ...]`.
        seed: `int32[2]`.
        step_size: Length of a leapfrog step, in units of `x`: a number, or a
            tensor that broadcasts with `x`.
        num_leapfrog: Leapfrog steps, at least 1.

    Returns:
        `Step(x, accept_prob)`; no gradient passes through it.

    Raises:
        ValueError: If `step_size` or `num_leapfrog` is a number out of range.
    """
    _require_step_size(step_size)
    if not tf.is_tensor(num_leapfrog):
        checks.require_count("num_leapfrog", num_leapfrog)
    kernel = tfp.mcmc.HamiltonianMonteCarlo(
        _log_prob(energy_fn), step_size=step_size, num_leapfrog_steps=num_leapfrog
    )
    return _one_step(kernel, x, seed)


def mala_step(
    energy_fn: EnergyFn, x: tf.Tensor, seed: Seed, *, step_size: float | tf.Tensor
) -> Step:
    """One transition of the Metropolis-adjusted Langevin algorithm [2].

    Proposes `x - step_size / 2 * grad E(x) + sqrt(step_size) * n`, `n ~ N(0, I)`:
    `hmc_step` with one leapfrog step of length `sqrt(step_size)`.

    Args:
        energy_fn: `[B, ...] -> [B]`, nats.
        x: States, float `[B, ...]`.
        seed: `int32[2]`.
        step_size: Variance of the proposal's noise, in squared units of `x`: a
            number, or a tensor that broadcasts with `x`.

    Returns:
        `Step(x, accept_prob)`; no gradient passes through it.

    Raises:
        ValueError: If `step_size` is a number and not positive.
    """
    _require_step_size(step_size)
    kernel = tfp.mcmc.MetropolisAdjustedLangevinAlgorithm(
        _log_prob(energy_fn), step_size=step_size
    )
    return _one_step(kernel, x, seed)


def _one_step(kernel: tfp.mcmc.TransitionKernel, x: tf.Tensor, seed: Seed) -> Step:
    x = tf.stop_gradient(x)
    moved, results = kernel.one_step(x, kernel.bootstrap_results(x), seed=seed)
    accept_prob = tf.exp(tf.minimum(results.log_accept_ratio, 0.0))
    return Step(tf.stop_gradient(moved), tf.stop_gradient(accept_prob))


def _log_prob(energy_fn: EnergyFn):
    energies = state_checks.checked(energy_fn)
    return lambda x: -energies(x)


def _require_step_size(step_size) -> None:
    if not tf.is_tensor(step_size):
        checks.require_number("step_size", step_size, above=0)
