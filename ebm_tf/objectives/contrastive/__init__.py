"""Data against negatives, the ends of chains that start in a replay buffer.

[1] Du and Mordatch, 2019, equation 2, and appendices A.2, A.8, A.11 and A.12.
    https://arxiv.org/abs/1903.08689
"""

import dataclasses
import math
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.objectives import ObjectiveConfig
from ebm_tf.resources import DISK, Need
from ebm_tf.sampling.config import AdaptiveHmcConfig, LangevinConfig, ReplayConfig

CONTRASTS = ("cd", "logsumexp", "softplus")
SCHEDULE_SHAPES = ("linear", "cosine")


@dataclasses.dataclass(frozen=True, kw_only=True)
class KlConfig:
    """The divergence of chains from the model, through the chain (paper, A.8).

    Attributes:
        weight: Coefficient of `mean(E(ends)) - entropy_weight * H(ends)`, > 0. The
            energy that scores the ends is held constant.
        entropy_weight: The temperature that makes this a divergence, >= 0; 0, as in
            the paper, leaves the entropy out.
        neighbour: The entropy is estimated from the distance to this neighbour among
            a replica's negatives, >= 1.
        num_grad_steps: Last steps of a chain that are differentiated, >= 1; as many
            as `langevin.num_steps` for all. They are run twice.
    """

    weight: float
    entropy_weight: float
    neighbour: int
    num_grad_steps: int

    def __post_init__(self):
        checks.require_number("weight", self.weight, above=0)
        checks.require_number("entropy_weight", self.entropy_weight, low=0)
        checks.require_count("neighbour", self.neighbour)
        checks.require_count("num_grad_steps", self.num_grad_steps)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ChainScheduleConfig:
    """How the chains of training change from the first update to the last.

    Attributes:
        shape: "linear" or "cosine".
        step_factor: The last step size over that of `langevin`, > 0.
        noise_factor: The last noise over that of `langevin`, >= 0.
    """

    shape: str
    step_factor: float
    noise_factor: float

    def __post_init__(self):
        checks.require_choice("shape", self.shape, SCHEDULE_SHAPES)
        checks.require_number("step_factor", self.step_factor, above=0)
        checks.require_number("noise_factor", self.noise_factor, low=0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ContrastiveConfig(ObjectiveConfig):
    """Data against negatives, the ends of chains (paper, equation 2).

    Attributes:
        contrast: How their energies are compared, see `ebm_tf.losses.contrastive`:
            "cd", the difference of means (the paper's); "logsumexp", negatives
            weighted by `exp(-E)`; "softplus", pairs that are told apart matter less.
        l2_weight: Coefficient of `mean(E(data)**2) + mean(E(negatives)**2)`, >= 0.
        langevin: The chains that make negatives.
        replay: The buffer they start from.
        chain_schedule: How they change over the run, or None.
        step_energy_scale: A chain that starts at energy E takes steps larger by
            `1 + |E| / step_energy_scale`, nats, > 0; or None (A.12).
        hmc: Chains of this kind instead, as many transitions at the temperature of
            `langevin`, or None.
        kl: The divergence of chains from the model, or None.
        gradient_penalty_weight: Coefficient of `mean(|dE/dx|**2)` at the data, > 0,
            or None (A.12, which had no success with one).
        classifier_weight: Coefficient of `mean(-log p(y | x))` of the data, with
            p(y | x) = softmax(-E(x, y)), > 0, or None; for a conditional energy.
    """

    kind: ClassVar[str] = "contrastive"
    contrast: str
    l2_weight: float
    langevin: LangevinConfig
    replay: ReplayConfig
    chain_schedule: ChainScheduleConfig | None = None
    step_energy_scale: float | None = None
    hmc: AdaptiveHmcConfig | None = None
    kl: KlConfig | None = None
    gradient_penalty_weight: float | None = None
    classifier_weight: float | None = None

    def __post_init__(self):
        checks.require_choice("contrast", self.contrast, CONTRASTS)
        checks.require_number("l2_weight", self.l2_weight, low=0)
        for name in (
            "gradient_penalty_weight",
            "classifier_weight",
            "step_energy_scale",
        ):
            if getattr(self, name) is not None:
                checks.require_number(name, getattr(self, name), above=0)
        checks.require(
            self.num_grad_steps <= self.langevin.num_steps,
            "kl.num_grad_steps",
            f"at most `langevin.num_steps`, {self.langevin.num_steps}",
            self.num_grad_steps,
        )
        if self.hmc is not None:
            self._check_hmc()
        if self.chain_schedule is not None:
            self._check_last_chains(self.chain_schedule)

    def _check_hmc(self) -> None:
        checks.require(
            self.langevin.noise_std > 0,
            "langevin.noise_std",
            "positive for HMC: it makes the temperature",
            self.langevin.noise_std,
        )
        temperature = self.langevin.temperature
        name = "langevin.noise_std**2 / (2 * langevin.step_size)"
        checks.require_number(name, temperature, above=0)
        checks.require(
            not any((self.kl, self.chain_schedule, self.step_energy_scale)),
            "hmc",
            "null with `kl`, `chain_schedule` or `step_energy_scale`",
            self.hmc,
        )

    def _check_last_chains(self, schedule: ChainScheduleConfig) -> None:
        """Raises ValueError if the last chains have numbers that are no float32."""
        for factor, of in (("step_factor", "step_size"), ("noise_factor", "noise_std")):
            last = getattr(schedule, factor) * getattr(self.langevin, of)
            checks.require_number(f"chain_schedule.{factor} * langevin.{of}", last)

    @property
    def num_chain_steps(self) -> int:
        """Steps of a chain."""
        return self.langevin.num_steps

    @property
    def num_grad_steps(self) -> int:
        """Last steps of a chain that a term differentiates."""
        return 0 if self.kl is None else self.kl.num_grad_steps

    @property
    def weights(self) -> dict[str, float]:
        """Weights of the terms of the loss that there are, by name."""
        weights = {
            self.contrast: 1.0,
            "l2": self.l2_weight,
            "kl": None if self.kl is None else self.kl.weight,
            "gradient_penalty": self.gradient_penalty_weight,
            "classifier": self.classifier_weight,
        }
        return {name: weight for name, weight in weights.items() if weight is not None}

    def make(self, setup):
        """Returns the `ContrastiveObjective`.

        Raises:
            ValueError: If a term asks for classes that the energy does not have.
        """
        from ebm_tf.objectives.contrastive.objective import ContrastiveObjective

        return ContrastiveObjective(self, setup)

    def require_batch_size(self, batch_size: int) -> None:
        """Raises ValueError if the buffer is smaller than a batch."""
        checks.require(
            self.replay.capacity >= batch_size,
            "objective.replay.capacity",
            f"at least `batch_size`, {batch_size}",
            self.replay.capacity,
        )

    def needs(self, state_bytes: int, stored_bytes: int) -> tuple[Need, ...]:
        """Returns what the buffer takes where a worker has the whole, and on the disk.

        What the part of each takes while it is made, the buffer looks at itself.
        """
        num, names = self.replay.capacity, ("replay.capacity",)
        # It is in the newest checkpoints, one of which at least, and in replay.npy.
        return (
            Need("the replay buffer", num * stored_bytes, names),
            Need("the replay buffer, twice,", 2 * num * stored_bytes, names, DISK),
        )

    def for_replicas(self, num_replicas: int) -> "ContrastiveConfig":
        """Returns the settings of all replicas: a buffer that is so much larger."""
        capacity = self.replay.capacity * num_replicas
        replay = dataclasses.replace(self.replay, capacity=capacity)
        return dataclasses.replace(self, replay=replay)

    def retried(self, policy, retry: int) -> "ContrastiveConfig":
        """Returns the settings with more and smaller steps of chains.

        Noise stays as it is (A.12 [1]): a smaller step makes chains warmer.
        """
        more = self.langevin.num_steps * policy.steps_factor**retry
        chain = dataclasses.replace(
            self.langevin,
            num_steps=math.ceil(min(more, checks.INT32_MAX + 1)),
            step_size=self.langevin.step_size * policy.step_size_factor**retry,
        )
        return dataclasses.replace(self, langevin=chain)

    @property
    def summary(self) -> str:
        """Number and size of the steps of a chain."""
        chain = self.langevin
        return f"{chain.num_steps} Langevin steps of size {chain.step_size:g}"
