"""What an update minimizes, without TensorFlow."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks

CONTRASTS = ("cd", "logsumexp", "softplus")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ContrastiveConfig:
    """Data against negatives, the ends of chains (paper, equation 2).

    Attributes:
        contrast: How their energies are compared, see `ebm_tf.losses.contrastive`:
            "cd", the difference of means (the paper's); "logsumexp", negatives
            weighted by `exp(-E)`; "softplus", pairs that are told apart matter less.
        l2_weight: Coefficient of `mean(E(data)**2) + mean(E(negatives)**2)`, >= 0.
    """

    kind: ClassVar[str] = "contrastive"
    contrast: str
    l2_weight: float

    def __post_init__(self):
        checks.require_choice("contrast", self.contrast, CONTRASTS)
        checks.require_number("l2_weight", self.l2_weight, low=0)


ObjectiveConfig = ContrastiveConfig
