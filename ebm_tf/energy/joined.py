"""Energies bound to conditions, joined so that samplers of noise levels take them."""

from collections.abc import Callable, Sequence

import tensorflow as tf

from ebm_tf.types import EnergyFn


class JoinedEnergy:
    """Several energies joined into one, which has noise levels if they have.

    Args:
        energies: Of the same states, bound to their conditions: all of the same noise
            levels, or of none. Chains through levels begin where the first says.
        join: Energies -> one, such as `ebm_tf.energy.composition.all_of`.
    """

    def __init__(
        self,
        energies: Sequence[EnergyFn],
        join: Callable[[Sequence[EnergyFn]], EnergyFn],
    ):
        self._energies, self._join = list(energies), join

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return self._join(self._energies)(x)

    @property
    def noise_levels(self):
        """The noise levels that the energies depend on, or None."""
        return getattr(self._energies[0], "noise_levels", None)

    def at_level(self, sigma: float | tf.Tensor) -> "JoinedEnergy":
        """Returns the energy at another noise level, of all rows.

        Args:
            sigma: Standard deviation of the noise, a scalar, in units of the state.
        """
        return JoinedEnergy([e.at_level(sigma) for e in self._energies], self._join)

    def widest(self, num: int | tf.Tensor, seed) -> tf.Tensor:
        """Returns where chains through noise levels begin, float32 `[num, ...]`."""
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
