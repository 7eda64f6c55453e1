"""An objective in one file: energies of data low, and of data with noise high."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.objectives import ObjectiveConfig
from ebm_tf.objectives.contract import Objective


@dataclasses.dataclass(frozen=True, kw_only=True)
class RidgeConfig(ObjectiveConfig):
    """Data and data with noise get the energies 0 and 1, by least squares."""

    kind: ClassVar[str] = "ridge"
    noise_std: float

    def __post_init__(self):
        checks.require_number("noise_std", self.noise_std, above=0)

    def make(self, setup):
        """Returns the objective."""
        return Ridge(self.noise_std, setup)


class Ridge(Objective):
    """See `RidgeConfig`."""

    def __init__(self, noise_std, setup):
        super().__init__(setup)
        self.noise_std = noise_std

    def prepare(self, data, condition, memory, seeds, update):
        """Returns the data, and the data with noise."""
        from ebm_tf import rng

        noise = self.noise_std * rng.normal(seeds[0], data.shape)
        return {"data": data, "noised": self.setup.box.clip(data + noise)}

    def loss(self, energy, batch):
        """Returns the squares."""
        import tensorflow as tf

        low, high = energy(batch["data"]), energy(batch["noised"])
        squares = tf.reduce_sum(low**2 + (1.0 - high) ** 2) / self.setup.batch_size
        energies = {"data": low, "negative": high}
        return self.weighted({"ridge": squares}, {"ridge": 1.0}, energies)
