"""Denoising score matching: a baseline without chains, and without a buffer.

[1] Vincent, A connection between score matching and denoising autoencoders, 2011.
    https://www.iro.umontreal.ca/~vincentp/Publications/smdae_techreport.pdf
"""

import dataclasses
from typing import Any, ClassVar, NamedTuple

from ebm_tf import checks
from ebm_tf.objectives import ObjectiveConfig
from ebm_tf.objectives.contract import Loss, Objective, Setup
from ebm_tf.sampling.config import LangevinConfig


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
        step_size = self.noise_std**2 / (8.0 * self.temperature)
        checks.require_number("noise_std**2 / (8 * temperature)", step_size, above=0)

    @property
    def weights(self) -> dict[str, float]:
        """Weights of the terms of the loss, by name."""
        return {"score": 1.0, "l2": self.l2_weight}

    @property
    def preview(self) -> LangevinConfig:
        """The step of chains for pictures: noise of half the width of that on data.

        So they have the temperature of the density, and a step size of
        `noise_std**2 / (8 * temperature)`, a sixteenth of where steps diverge in the
        narrowest well that noised data can have.
        """
        return LangevinConfig(
            num_steps=1,
            step_size=self.noise_std**2 / (8.0 * self.temperature),
            noise_std=self.noise_std / 2.0,
            grad_clip=None,
        )

    def make(self, setup: Setup) -> "DenoisingObjective":
        """Returns the `DenoisingObjective`."""
        return DenoisingObjective(self, setup)


class _Batch(NamedTuple):
    data: Any
    noised: Any
    condition: Any


class DenoisingObjective(Objective):
    """Noised data stands where negatives do, in reports too.

    Args:
        settings: How much noise, and the temperature.
        setup: The run.
    """

    def __init__(self, settings: DenoisingConfig, setup: Setup):
        super().__init__(setup)
        self._settings = settings

    def prepare(self, data, condition, memory, seeds, update) -> _Batch:
        """Returns the data, and the data with noise."""
        import tensorflow as tf

        from ebm_tf import rng

        noise = rng.normal(seeds[0], tf.shape(data))
        return _Batch(data, data + self._settings.noise_std * noise, condition)

    def loss(self, energy, batch: _Batch) -> Loss:
        """Returns the mean square of score and noise, see `ebm_tf.losses.score`."""
        from ebm_tf.energy.build import bind_condition
        from ebm_tf.losses import contrastive, score

        energy_fn = bind_condition(energy, batch.condition)
        energies = {"data": energy_fn(batch.data), "negative": energy_fn(batch.noised)}
        size = self.setup.batch_size
        terms = {
            "score": score.denoising_score_matching(
                energy_fn,
                batch.data,
                batch.noised,
                noise_std=self._settings.noise_std,
                temperature=self._settings.temperature,
                global_batch_size=size,
            ),
            "l2": contrastive.magnitude(*energies.values(), global_batch_size=size),
        }
        return self.weighted(terms, self._settings.weights, energies)

    def reports(self, batch: _Batch) -> dict:
        """Returns how far the noise moved data, and how much of it left the box."""
        from ebm_tf.metrics import chains

        return {
            "movement": chains.mean_movement(batch.data, batch.noised),
            "saturated_share": chains.saturated_share(batch.noised, self.setup.box),
        }

    def preview(self):
        """Returns Langevin chains; see `DenoisingConfig.preview`."""
        from ebm_tf.sampling.langevin import langevin_kernel

        kernel = langevin_kernel(self._settings.preview, self.setup.box)
        return lambda k: kernel
