"""Denoising score matching: a baseline without chains.

[1] Vincent, A connection between score matching and denoising autoencoders, 2011.
    https://www.iro.umontreal.ca/~vincentp/Publications/smdae_techreport.pdf
"""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.objectives import ObjectiveConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class DenoisingConfig(ObjectiveConfig):
    """The slope of the energy is fitted to data with noise added [1].

    The density that fits is `exp(-E / temperature)`, of data with the noise.

    Attributes:
        noise_std: Scale of the noise on data, in units of the state, > 0.
        l2_weight: Coefficient of `mean(E(data)**2) + mean(E(noised data)**2)`, >= 0.
        temperature: That of the density, > 0.
    """

    kind: ClassVar[str] = "denoising"
    noise_std: float
    l2_weight: float
    temperature: float

    def __post_init__(self):
        checks.require_number("noise_std", self.noise_std, above=0)
        checks.require_number("l2_weight", self.l2_weight, low=0)
        checks.require_number("temperature", self.temperature, above=0)

    @property
    def weights(self) -> dict[str, float]:
        """Weights of the terms of the loss, by name."""
        return {"score": 1.0, "l2": self.l2_weight}
