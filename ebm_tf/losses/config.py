"""What an update minimizes, without TensorFlow."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks

CONTRASTS = ("cd", "logsumexp", "softplus")


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
class ContrastiveConfig:
    """Data against negatives, the ends of chains (paper, equation 2).

    Attributes:
        contrast: How their energies are compared, see `ebm_tf.losses.contrastive`:
            "cd", the difference of means (the paper's); "logsumexp", negatives
            weighted by `exp(-E)`; "softplus", pairs that are told apart matter less.
        l2_weight: Coefficient of `mean(E(data)**2) + mean(E(negatives)**2)`, >= 0.
        kl: The divergence of chains from the model, or None.
        gradient_penalty_weight: Coefficient of `mean(|dE/dx|**2)` at the data, > 0,
            or None (A.12, which had no success with one).
        classifier_weight: Coefficient of `mean(-log p(y | x))` of the data, with
            p(y | x) = softmax(-E(x, y)), > 0, or None; for a conditional energy.
    """

    kind: ClassVar[str] = "contrastive"
    contrast: str
    l2_weight: float
    kl: KlConfig | None = None
    gradient_penalty_weight: float | None = None
    classifier_weight: float | None = None

    def __post_init__(self):
        checks.require_choice("contrast", self.contrast, CONTRASTS)
        checks.require_number("l2_weight", self.l2_weight, low=0)
        for name in ("gradient_penalty_weight", "classifier_weight"):
            if getattr(self, name) is not None:
                checks.require_number(name, getattr(self, name), above=0)

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

    @property
    def num_grad_steps(self) -> int:
        """Last steps of a chain that a term differentiates."""
        return 0 if self.kl is None else self.kl.num_grad_steps


@dataclasses.dataclass(frozen=True, kw_only=True)
class DenoisingConfig:
    """Denoising score matching: a baseline without chains.

    The density that fits is `exp(-E / T)` at the temperature of `langevin`, of data
    with the noise added.

    Attributes:
        noise_std: Scale of the noise on data, in units of the state, > 0.
        l2_weight: Coefficient of `mean(E(data)**2) + mean(E(noised data)**2)`, >= 0.
    """

    kind: ClassVar[str] = "denoising"
    num_grad_steps: ClassVar[int] = 0
    noise_std: float
    l2_weight: float

    def __post_init__(self):
        checks.require_number("noise_std", self.noise_std, above=0)
        checks.require_number("l2_weight", self.l2_weight, low=0)

    @property
    def weights(self) -> dict[str, float]:
        """Weights of the terms of the loss, by name."""
        return {"score": 1.0, "l2": self.l2_weight}


ObjectiveConfig = ContrastiveConfig | DenoisingConfig
