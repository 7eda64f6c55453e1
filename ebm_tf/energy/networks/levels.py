"""What the networks of noise levels share: the density that they correct."""

import dataclasses

from ebm_tf import checks
from ebm_tf.energy.networks import ConditionConfig

BASES = ("histogram", "normal")


@dataclasses.dataclass(frozen=True, kw_only=True)
class NoisedBaseConfig:
    """The density of independent coordinates that is fitted to the training data.

    Attributes:
        kind: "histogram": each coordinate's own histogram of levels; "normal": each
            coordinate's own mean and deviation.
        num_groups: Bins of a histogram: levels are joined until there are so many.
        smoothing: Added to the count of each level, > 0; of a histogram.
    """

    kind: str
    num_groups: int | None = None
    smoothing: float | None = None

    def __post_init__(self):
        checks.require_choice("kind", self.kind, BASES)
        if self.kind == "histogram":
            checks.require_count("num_groups", self.num_groups, low=2, high=256)
            checks.require_number("smoothing", self.smoothing, above=0)
            return
        for name in ("num_groups", "smoothing"):
            rule = "null for a base without histograms"
            checks.require(getattr(self, name) is None, name, rule, getattr(self, name))


@dataclasses.dataclass(frozen=True, kw_only=True)
class LevelConfig(ConditionConfig):
    """`E(x, sigma) = -log p0(x, sigma) + gate(sigma) f(x, sigma)`.

    p0 is the base with noise of level sigma on it, normalized at every level. f is
    zero before training. `gate = scale**2 / (scale**2 + sigma**2)`: as the level
    grows the energy is that of p0, to which the density of the data comes as near.

    Attributes:
        base: p0 without noise.
        gate_scale: The level at which the correction is halved, > 0.
        embedding: Width of the vector that says level and class to every layer.
    """

    base: NoisedBaseConfig
    gate_scale: float
    embedding: int

    def __post_init__(self):
        super().__post_init__()
        checks.require_number("gate_scale", self.gate_scale, above=0)
        checks.require_number("gate_scale**2", self.gate_scale**2, above=0)
        checks.require_count("embedding", self.embedding)
        rule = "given: the network is one of noise levels"
        given = self.noise_levels is not None
        checks.require(given, "noise_levels", rule, self.noise_levels)

    def require_states(self, state_shape, num_levels):
        """As `NetworkConfig.require_states`."""
        super().require_states(state_shape, num_levels)
        num_groups = self.base.num_groups
        if num_groups is not None:
            stored = "numbers" if num_levels is None else f"{num_levels} levels"
            rule = f"of a base for states stored as {stored}"
            fits = num_levels is not None and num_groups <= num_levels
            checks.require(fits, "energy.base.num_groups", rule, num_groups)
