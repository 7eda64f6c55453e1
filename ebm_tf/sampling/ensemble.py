"""Several energies sampled as one: an ensemble of checkpoints.

[1] Du and Mordatch, 2019, appendix A.12: ensembles helped a bit.
"""

from collections.abc import Sequence

import tensorflow as tf

from ebm_tf import checks, rng
from ebm_tf.types import EnergyFn, Kernel, KernelAt, Seed, Step


def mean_energy(members: Sequence[EnergyFn]) -> EnergyFn:
    """Returns the mean of the members' energies: their densities' geometric mean.

    Raises:
        ValueError: If there is no member.
    """
    checks.require(len(members) > 0, "members", "one energy or more", len(members))

    return members[0] if len(members) == 1 else _MeanEnergy(members)


class _MeanEnergy:
    """See `mean_energy`; of members of noise levels it is such an energy too."""

    def __init__(self, members: Sequence[EnergyFn]):
        self._members = list(members)
        self.noise_levels = getattr(members[0], "noise_levels", None)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return tf.add_n([member(x) for member in self._members]) / len(self._members)

    def at_level(self, sigma) -> "_MeanEnergy":
        return _MeanEnergy([member.at_level(sigma) for member in self._members])

    def widest(self, num, seed: Seed) -> tf.Tensor:
        return self._members[0].widest(num, seed)


def draw_member(seed: Seed, num_members: int) -> tuple[tf.Tensor, Seed]:
    """Returns which member a step is at, an int32 scalar, and the seed of the step."""
    member_seed, step_seed = rng.split(seed, 2)
    index = tf.random.stateless_uniform([], member_seed, 0, num_members, tf.int32)
    return index, step_seed


def random_member(kernel: Kernel, members: Sequence[EnergyFn]) -> Kernel:
    """Returns the kernel whose every step is one of `kernel` at a random member.

    All chains of a batch are at the same member, so that a step costs what it does
    with one. Each member's density is left alone by its own steps (if `kernel` does
    so), no density by all of them: chains wander between the members.

    Args:
        kernel: Moves chains at one energy.
        members: The energies. That which the kernel itself is given is not asked.

    Raises:
        ValueError: If there is no member.
    """
    checks.require(len(members) > 0, "members", "one energy or more", len(members))

    def step(energy_fn: EnergyFn, x: tf.Tensor, seed: Seed) -> Step:
        index, step_seed = draw_member(seed, len(members))
        branches = [lambda m=member: kernel(m, x, step_seed) for member in members]
        return tf.switch_case(index, branches)

    return step


def sampler_of(kernel_at: KernelAt, members: Sequence[EnergyFn], rule: str) -> KernelAt:
    """Returns the sampler of an ensemble by the rule "mean" or "random".

    Either is run on `mean_energy(members)`.
    """
    if rule == "mean" or len(members) == 1:
        return kernel_at
    return lambda k: random_member(kernel_at(k), members)
