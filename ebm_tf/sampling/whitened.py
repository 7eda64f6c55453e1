"""Chains in the whitened coordinates of an energy that has such.

An energy with a base density of its own, such as a residual energy, is a function of
states x and, by its method `latent_energy`, of coordinates z in which that base is a
standard normal. `enter` and `leave` go from one to the other.
"""

import tensorflow as tf

from ebm_tf import checks
from ebm_tf.sampling.hmc import hmc_step
from ebm_tf.types import EnergyFn, Seed, Step

_METHODS = ("enter", "leave", "latent_energy")


def has_latent(energy_fn) -> bool:
    """Returns whether an energy has whitened coordinates."""
    return all(hasattr(energy_fn, name) for name in _METHODS)


def require_latent(energy_fn, name: str, value) -> None:
    """Raises ValueError unless an energy has whitened coordinates.

    Args:
        energy_fn: The energy.
        name: Of the setting that asks for them.
        value: Its value.
    """
    rule = 'for an energy with a base of its own, such as the network "residual"'
    checks.require(has_latent(energy_fn), name, rule, value)


def bridge(energy_fn: EnergyFn, beta) -> EnergyFn:
    """Returns the energy of z between the base, beta 0, and the energy itself, 1.

        E(z) = |z|^2 / 2 * (1 - beta) + beta * latent_energy(z)

    Args:
        energy_fn: With whitened coordinates.
        beta: In [0, 1], a number or a scalar.
    """

    def bridged(z: tf.Tensor) -> tf.Tensor:
        normal = 0.5 * tf.reduce_sum(tf.square(z), axis=1)
        return (1.0 - beta) * normal + beta * energy_fn.latent_energy(z)

    return bridged


def hmc_step_in_latent(
    energy_fn: EnergyFn,
    x: tf.Tensor,
    seed: Seed,
    *,
    step_size: float | tf.Tensor,
    num_leapfrog: int,
    beta=1.0,
) -> Step:
    """One HMC transition in whitened coordinates; arguments as of `hmc_step`.

    `exp(-E)` on the box is left as it is. There are no walls: the box has none there.

    Args:
        energy_fn: With whitened coordinates.
        x: States in the box, `[B, ...]`.
        seed: `int32[2]`.
        step_size: Length of a leapfrog step, in units of z.
        num_leapfrog: Leapfrog steps, at least 1.
        beta: Where between base and energy, see `bridge`.
    """
    z = energy_fn.enter(x)
    moved = hmc_step(
        bridge(energy_fn, beta),
        z,
        seed,
        step_size=step_size,
        num_leapfrog=num_leapfrog,
    )
    return Step(energy_fn.leave(moved.x), moved.accept_prob)
