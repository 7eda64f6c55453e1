"""Energies joined at every noise level: one energy that samplers of levels walk down.

[1] Du et al., Reduce, reuse, recycle: compositional generation with energy-based
    diffusion models and MCMC, ICML 2023. https://arxiv.org/abs/2302.11552
"""

from collections.abc import Callable, Sequence

import tensorflow as tf

from ebm_tf.types import EnergyFn


class JoinedEnergy:
    """A function of energies, at the noise level of all of them.

    Of "or" each level is exact: noise on a mixture is the mixture of those with noise.
    Of others it is not: a product of densities with noise is another than the product
    with noise, and corrections at each level are what brings chains near it [1].

    Args:
        join: Makes an energy of a list of energies, such as `composition.all_of`.
        energies: Bound to their conditions, `[B, ...] -> [B]`, nats; at least one, all
            with `at_level` and the same noise levels, or all without.
    """

    def __init__(
        self,
        join: Callable[[Sequence[EnergyFn]], EnergyFn],
        energies: Sequence[EnergyFn],
    ):
        self._join, self._energies = join, list(energies)
        self._joined = join(self._energies)
        self.noise_levels = getattr(self._energies[0], "noise_levels", None)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return self._joined(x)

    def at_level(self, sigma) -> "JoinedEnergy":
        """Returns the energy at another noise level, a scalar."""
        return JoinedEnergy(self._join, [one.at_level(sigma) for one in self._energies])

    def widest(self, num, seed) -> tf.Tensor:
        """Returns states to begin with at the highest level: those of the first."""
        return self._energies[0].widest(num, seed)


class MixedEnergy:
    """`-log mean_c exp(-E(x, c))`: an energy of classes without its class.

    It is the density of all classes together, if the energy is normalized in each and
    they are equally likely.

    Args:
        energy: Bound to a class, which does not matter: a `BoundEnergy`.
    """

    def __init__(self, energy):
        self._energy = energy
        self.noise_levels, self.widest = energy.noise_levels, energy.widest

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        each = self._energy.class_energies(x)
        log_num = tf.math.log(tf.cast(tf.shape(each)[0], each.dtype))
        return log_num - tf.reduce_logsumexp(-each, axis=0)

    def at_level(self, sigma: float | tf.Tensor) -> "MixedEnergy":
        """Returns the energy at another noise level; see `JoinedEnergy.at_level`."""
        return MixedEnergy(self._energy.at_level(sigma))
