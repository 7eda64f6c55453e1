"""HMC chains that find their step size on the way.

For training, where the energy changes under the sampler and no step size stays right.
Each chain adapts its own from its own acceptance, so that nothing has to be kept from
one update to the next and no chain depends on another. A chain that adapts leaves no
density quite invariant; that of short chains of training is none either.

[1] Du and Mordatch, 2019, appendix A.12, asks for adaptive HMC in training.
[2] Andrieu and Thoms, A tutorial on adaptive MCMC, 2008, section 4.2.2.
"""

from typing import NamedTuple

import tensorflow as tf

from ebm_tf.box import Box
from ebm_tf.fold import on_box
from ebm_tf.rows import per_row
from ebm_tf.sampling.config import AdaptiveHmcConfig
from ebm_tf.sampling.driver import Adaptation, run_chain
from ebm_tf.sampling.hmc import hmc_step
from ebm_tf.types import EnergyFn, Seed


class AdaptedChain(NamedTuple):
    """What `adaptive_hmc_chain` returns, cut from the tape.

    Attributes:
        x: End states, `[B, ...]`.
        accept_prob: Mean acceptance probability over the chain, `[B]`.
        step_size: The step size that each chain came to, `[B]`, in units of `x`.
    """

    x: tf.Tensor
    accept_prob: tf.Tensor
    step_size: tf.Tensor


def adaptive_hmc_chain(
    energy_fn: EnergyFn,
    x: tf.Tensor,
    seed: Seed,
    config: AdaptiveHmcConfig,
    box: Box,
    *,
    temperature: float,
    num_steps: int,
) -> AdaptedChain:
    """Runs `num_steps` transitions towards `exp(-E / temperature)` on the box.

    After each, with a its acceptance probability, the step size is multiplied by
    `exp(adapt_rate * (a - target_accept))` [2]. Walls reflect.

    Args:
        energy_fn: Differentiable energy, `[B, ...] -> [B]`, nats.
        x: Start states, float `[B, ...]`, in the box.
        seed: `int32[2]`; transition k uses `fold_in(seed, k)`.
        config: First step size, leapfrog steps, adaptation.
        box: Bounds of the state space.
        temperature: Of the density, > 0.
        num_steps: Transitions, at least 1.
    """

    def kernel_at(k, log_step):
        step_size = per_row(tf.exp(log_step), x)

        def kernel(energy_fn, y, seed):
            return hmc_step(
                lambda y: energy_fn(y) / temperature,
                y,
                seed,
                step_size=step_size,
                num_leapfrog=config.num_leapfrog,
            )

        return on_box(kernel, box)

    def adapt(log_step, step):
        return log_step + config.adapt_rate * (step.accept_prob - config.target_accept)

    first = tf.fill([tf.shape(x)[0]], tf.math.log(tf.cast(config.step_size, x.dtype)))
    sampler = Adaptation(first, kernel_at, adapt)
    chain = run_chain(sampler, energy_fn, x, seed, num_steps=num_steps)
    return AdaptedChain(chain.x, chain.accept_prob, tf.exp(chain.adapted))
