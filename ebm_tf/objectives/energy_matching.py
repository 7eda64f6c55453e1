"""Energy matching: the potential of a flow, then the energy of a density.

[1] Balcerak et al., Energy matching: unifying flow matching and energy-based models
    for generative modeling, NeurIPS 2025. https://arxiv.org/abs/2504.10612
"""

import dataclasses
from typing import Any, ClassVar, NamedTuple

from ebm_tf import checks
from ebm_tf.objectives import ObjectiveConfig
from ebm_tf.objectives.contract import Loss, Objective, Setup
from ebm_tf.sampling.config import FlowConfig

# Of pictures in training, where no phase with chains says how chains are run.
_PREVIEW = FlowConfig(num_steps=50, time_step=0.02, temperature=0.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ContrastConfig:
    """The second phase: data against negatives, beside the flow [1].

    Between noise and data the flow decides; at the data, chains of temperature T show
    what `exp(-V / T)` is, and the difference from data makes it theirs.

    Attributes:
        from_update: The first update, from 0, that has it; the last ones follow.
        weight: Of mean V(data) - mean V(negatives), beside 1 of the flow, > 0.
        chain: How negatives are made; its temperature, > 0, is that of the density.
        data_share: Share of chains that start at data, and are at the final
            temperature from their first step, in [0, 1]; the others start at noise.
        trim: Share of negatives left out of their mean at either end, in [0, 0.5).
        least: The difference of means counts as -`least` at least, in units of the
            energy, > 0.
    """

    from_update: int
    weight: float
    chain: FlowConfig
    data_share: float
    trim: float
    least: float

    def __post_init__(self):
        checks.require_count("from_update", self.from_update, low=0)
        checks.require_number("weight", self.weight, above=0)
        temperature = self.chain.temperature
        checks.require_number("chain.temperature", temperature, above=0)
        checks.require_number("data_share", self.data_share, low=0, high=1)
        checks.require_number("trim", self.trim, low=0)
        checks.require(self.trim < 0.5, "trim", "below 0.5", self.trim)
        checks.require_number("least", self.least, above=0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class EnergyMatchingConfig(ObjectiveConfig):
    """Minus the slope of V is fitted to the velocity of paths from noise to data [1].

    Pairs of noise and data are random. V knows no time: one energy of the state alone.

    Attributes:
        noise_std: Deviation of the noise where paths begin, about the middle of the
            state space, in units of the state, > 0.
        contrast: The second phase, or None: then V is the potential of a flow, and no
            density is meant.
    """

    kind: ClassVar[str] = "energy_matching"
    noise_std: float
    contrast: ContrastConfig | None = None

    def __post_init__(self):
        checks.require_number("noise_std", self.noise_std, above=0)

    @property
    def weights(self) -> dict[str, float]:
        """Weights of the terms of the loss, by name."""
        if self.contrast is None:
            return {"flow": 1.0}
        return {"flow": 1.0, "contrast": self.contrast.weight}

    def make(self, setup: Setup) -> "EnergyMatchingObjective":
        """Returns the `EnergyMatchingObjective`.

        Raises:
            ValueError: If the second phase begins after the run.
        """
        return EnergyMatchingObjective(self, setup)


class _Batch(NamedTuple):
    data: Any
    noise: Any
    time: Any
    negatives: Any
    is_second: Any
    condition: Any


class EnergyMatchingObjective(Objective):
    """See `EnergyMatchingConfig`.

    Args:
        settings: Noise, and the second phase.
        setup: The run.

    Raises:
        ValueError: If the second phase begins after the run.
    """

    num_seeds = 3

    def __init__(self, settings: EnergyMatchingConfig, setup: Setup):
        super().__init__(setup)
        self._settings, phase = settings, settings.contrast
        if phase is None:
            return
        rule = f"below the {setup.num_updates} updates of the run"
        fits = phase.from_update < setup.num_updates
        name = "objective.contrast.from_update"
        checks.require(fits, name, rule, phase.from_update)
        self._run_chains = setup.compiled(self._chains)

    def prepare(self, data, condition, memory, seeds, update) -> _Batch:
        """Returns data, noise, a time for each pair, and negatives, if it is time."""
        import tensorflow as tf

        from ebm_tf import rng
        from ebm_tf.sampling.gradient_flow import noise_at_centre

        noise_seed, time_seed, chain_seed = seeds
        std, box = self._settings.noise_std, self.setup.box
        noise = noise_at_centre(box, std, noise_seed, data.shape)
        time = rng.uniform(time_seed, [data.shape[0]])
        negatives = is_second = ()
        if (phase := self._settings.contrast) is not None:
            is_second = tf.cast(update, tf.int32) >= phase.from_update
            negatives = self._run_chains(data, condition, chain_seed, is_second)
        return _Batch(data, noise, time, negatives, is_second, condition)

    def _chains(self, data, condition, seed, is_second):
        """Returns the ends of chains; in the first phase the data."""
        import tensorflow as tf

        from ebm_tf import rng
        from ebm_tf.energy.build import bind_condition
        from ebm_tf.rows import per_row
        from ebm_tf.sampling.driver import run_chain
        from ebm_tf.sampling.gradient_flow import flow_kernel_at, noise_at_centre

        phase, box = self._settings.contrast, self.setup.box
        energy_fn = bind_condition(self.setup.energy, condition)

        def ends():
            start_seed, chain_seed = rng.split(seed, 2)
            num = data.shape[0]
            at_data = tf.range(num) < round(phase.data_share * num)
            rows = per_row(at_data, data)
            noise = noise_at_centre(
                box, self._settings.noise_std, start_seed, data.shape
            )
            start = tf.where(rows, data, noise)
            kernel_at = flow_kernel_at(phase.chain, box, tf.cast(at_data, tf.float32))
            steps = phase.chain.num_steps
            chain = run_chain(kernel_at, energy_fn, start, chain_seed, num_steps=steps)
            return box.clip(chain.x)

        return tf.cond(is_second, ends, lambda: tf.identity(data))

    def loss(self, energy, batch: _Batch) -> Loss:
        """Returns the terms; see `ebm_tf.losses.flow`."""
        import tensorflow as tf

        from ebm_tf.energy.build import bind_condition
        from ebm_tf.losses import flow

        energy_fn, size = bind_condition(energy, batch.condition), self.setup.batch_size
        found = flow.flow_matching(energy_fn, batch.noise, batch.data, batch.time)
        terms = {"flow": tf.reduce_sum(found.error) / size}
        phase = self._settings.contrast
        if phase is not None:
            terms["contrast"] = tf.cond(
                batch.is_second,
                lambda: flow.trimmed_contrast(
                    energy_fn(batch.data),
                    energy_fn(batch.negatives),
                    trim=phase.trim,
                    least=phase.least,
                    global_batch_size=size,
                ),
                lambda: tf.zeros([]),
            )
        return self.weighted(terms, self._settings.weights, {"path": found.energy})

    def preview(self):
        """Returns the flow from noise, and Langevin steps if there is a temperature."""
        from ebm_tf.sampling.samplers.gradient_flow import GradientFlowSampler

        phase = self._settings.contrast
        chain = _PREVIEW if phase is None else phase.chain
        sampler = GradientFlowSampler(
            start_std=self._settings.noise_std, **dataclasses.asdict(chain)
        )
        return sampler.kernel_at(self.setup.box)
