"""Recovery likelihood: chains at a noise level, held to the state at the next higher.

[1] Gao et al., Learning energy-based models by diffusion recovery likelihood, ICLR
    2021. https://arxiv.org/abs/2012.08125
"""

import dataclasses
from typing import Any, ClassVar, NamedTuple

from ebm_tf import checks
from ebm_tf.objectives import ObjectiveConfig
from ebm_tf.objectives.contract import Loss, Objective, Setup


@dataclasses.dataclass(frozen=True, kw_only=True)
class RecoveryLikelihoodConfig(ObjectiveConfig):
    """The likelihood of states at a noise level, given them at the next higher [1].

    For a network of noise levels, such as "unet" and "level_mlp": its levels are
    walked down in steps whose logarithms are even. See `ebm_tf.sampling.tethered`.

    Attributes:
        num_levels: Levels that are learned, > 0: all but the highest.
        num_steps: Langevin steps of a chain, > 0.
        step_size: Of their noise, in units of the width that a single state has given
            the next higher level, > 0.
    """

    kind: ClassVar[str] = "recovery_likelihood"
    chooses_noise_levels: ClassVar[bool] = True
    needs_noise_levels: ClassVar[bool] = True
    num_levels: int
    num_steps: int
    step_size: float

    def __post_init__(self):
        checks.require_count("num_levels", self.num_levels)
        checks.require_count("num_steps", self.num_steps)
        checks.require_number("step_size", self.step_size, above=0)

    @property
    def num_chain_steps(self) -> int:
        """Steps of a chain."""
        return self.num_steps

    def make(self, setup: Setup) -> "RecoveryLikelihoodObjective":
        """Returns the `RecoveryLikelihoodObjective`."""
        return RecoveryLikelihoodObjective(self, setup)


class _Batch(NamedTuple):
    data: Any
    start: Any
    negatives: Any
    condition: Any


class RecoveryLikelihoodObjective(Objective):
    """Data with noise against the ends of chains at the same level.

    Args:
        settings: Levels and chains.
        setup: The run.

    Raises:
        ValueError: If the energy depends on no noise level.
    """

    num_seeds = 4

    def __init__(self, settings: RecoveryLikelihoodConfig, setup: Setup):
        from ebm_tf.conditions import parts_of

        super().__init__(setup)
        self._settings = settings
        self._levels = parts_of(setup.energy.condition_space).get("noise_level")
        settings.require_noise_levels(self._levels)
        self._run_chains = setup.compiled(self._chains)

    def prepare(self, data, condition, memory, seeds, update) -> _Batch:
        """Returns data at a level drawn for each row, and chains from the next."""
        import tensorflow as tf

        from ebm_tf import conditions, rng
        from ebm_tf.rows import per_row
        from ebm_tf.sampling.tethered import level_at

        level_seed, noise_seed, more_seed, chain_seed = seeds
        num, space = self._settings.num_levels, self.setup.energy.condition_space
        shape = [data.shape[0]]
        k = tf.random.stateless_uniform(shape, level_seed, 1, num + 1, dtype=tf.int32)
        ends = self._levels.low, self._levels.high
        higher, sigma = level_at(k - 1, num, *ends), level_at(k, num, *ends)
        parts = {"labels": condition, "noise_level": sigma}
        condition = conditions.from_names(space, parts)
        more = tf.sqrt(tf.square(higher) - tf.square(sigma))
        noised = data + per_row(sigma, data) * rng.normal(noise_seed, data.shape)
        start = noised + per_row(more, data) * rng.normal(more_seed, data.shape)
        negatives = self._run_chains(start, condition, (higher, sigma), chain_seed)
        return _Batch(noised, start, negatives, condition)

    def _chains(self, start, condition, levels, seed):
        from ebm_tf.energy.build import bind_condition
        from ebm_tf.sampling.tethered import tethered_chain

        return tethered_chain(
            bind_condition(self.setup.energy, condition),
            start,
            levels,
            seed,
            num_steps=self._settings.num_steps,
            step_size=self._settings.step_size,
        )

    def loss(self, energy, batch: _Batch) -> Loss:
        """Returns mean E(data with noise) - mean E(ends): the tethers cancel."""
        from ebm_tf.energy.build import bind_condition
        from ebm_tf.losses.contrastive import contrastive_divergence

        energy_fn = bind_condition(energy, batch.condition)
        energies = {
            "data": energy_fn(batch.data),
            "negative": energy_fn(batch.negatives),
        }
        size = self.setup.batch_size
        term = contrastive_divergence(*energies.values(), global_batch_size=size)
        return self.weighted({"recovery": term}, {"recovery": 1.0}, energies)

    def reports(self, batch: _Batch) -> dict:
        """Returns how far chains moved."""
        from ebm_tf.metrics import chains

        return {"movement": chains.mean_movement(batch.start, batch.negatives)}

    def preview(self):
        """Returns the walk down the levels."""
        from ebm_tf.sampling.samplers.recovery import RecoverySampler

        sampler = RecoverySampler(
            num_steps=self._settings.num_levels,
            steps_per_level=self._settings.num_steps,
            step_size=self._settings.step_size,
        )
        return sampler.kernel_at(self.setup.box)
