"""Some coordinates of a state, given the others: their energy, and their chains."""

import dataclasses

import tensorflow as tf

from ebm_tf.sampling.samplers import SamplerConfig
from ebm_tf.types import EnergyFn


class MaskedEnergy:
    """`E(u | k)`: an energy of whole states as one of their unknown coordinates.

        E(u | k) = E(where(is_unknown, u, k))

    It has no slope in the known coordinates, so any sampler that keeps `exp(-E)` keeps
    the density of the unknown ones given the known. Of noise levels, what is known has
    noise too, the same at all levels but for its size:

        E(u | k, sigma) = E(where(is_unknown, u, k + sigma * noise), sigma)

    Each level's density is then that of u given a k with noise, and the lowest's that
    given k: what is exact of it depends on how well chains follow from one level to
    the next.

    Args:
        energy_fn: `[B, ...] -> [B]`, nats; with `at_level` if it has noise levels.
        known: States whose known coordinates count, `[B, ...]`.
        is_unknown: Bool, of a state's shape or of theirs.
        noise: Of known coordinates, standard normal, `[B, ...]`.
        sigma: The level, a scalar; 0 for an energy without levels.
    """

    def __init__(self, energy_fn: EnergyFn, known, is_unknown, noise, sigma=None):
        self._energy_fn, self._parts = energy_fn, (known, is_unknown, noise)
        self.noise_levels = getattr(energy_fn, "noise_levels", None)
        if sigma is None:
            sigma = 0.0 if self.noise_levels is None else self.noise_levels.low
        self._sigma = sigma

    def whole(self, x: tf.Tensor) -> tf.Tensor:
        """Returns states with the known coordinates as they are at the level."""
        known, is_unknown, noise = self._parts
        return tf.where(is_unknown, x, known + self._sigma * noise)

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return self._energy_fn(self.whole(x))

    def at_level(self, sigma) -> "MaskedEnergy":
        """Returns the energy at another noise level."""
        return MaskedEnergy(self._energy_fn.at_level(sigma), *self._parts, sigma)

    def widest(self, num, seed) -> tf.Tensor:
        """Returns states to begin with at the highest level."""
        return self._energy_fn.widest(num, seed)


def sampler_of_unknown(
    sampler: SamplerConfig, corrections: int, correction_size: float
) -> SamplerConfig:
    """Returns a sampler as masked chains take it.

    One that walks through noise levels begins at the highest, and takes corrections at
    each if it knows any: without them what is unknown hardly goes with what is known.

    Args:
        sampler: Of a run.
        corrections: Steps at each level with the known coordinates held.
        correction_size: Their size in units of the level.
    """
    wanted = {
        "start_level": None,
        "corrections": corrections,
        "correction_size": correction_size,
    }
    if not sampler.walks_levels:
        return sampler
    names = {field.name for field in dataclasses.fields(sampler)}
    changes = {name: value for name, value in wanted.items() if name in names}
    return dataclasses.replace(sampler, **changes)
