"""What the settings of networks share, without TensorFlow: commands read it first."""

import dataclasses

from ebm_tf import checks

# What a network computes in; weights and energies are float32 in either.
DTYPES = ("float32", "bfloat16")
ACTIVATIONS = ("leaky_relu", "relu", "swish")
# Names of initial kernels; spectral normalization makes their scale irrelevant to
# the energy, not to the learning rate: Adam moves a larger kernel relatively less.
KERNEL_INITIALIZERS = ("glorot_uniform", "he_normal", "unit_normal")
# Layers one after another, or networks side by side: each is made in turn, so far more
# would not end in a day.
MAX_LAYERS = 1000


@dataclasses.dataclass(frozen=True, kw_only=True)
class NoiseLevelConfig:
    """The noise levels that an energy depends on.

    Attributes:
        low: The smallest standard deviation, positive, in units of the state.
        high: The largest, above `low`.
    """

    low: float
    high: float

    def __post_init__(self):
        checks.require_number("low", self.low, above=0)
        checks.require_number("high", self.high, above=self.low)
        checks.require_number("low**2", self.low**2, above=0)
        checks.require_number("high**2", self.high**2)


def check_layers(config) -> None:
    """Raises `ValueError` if activation, initial kernel or head is not known."""
    checks.require_choice("activation", config.activation, ACTIVATIONS)
    checks.require_choice(
        "kernel_initializer", config.kernel_initializer, KERNEL_INITIALIZERS
    )
    if not isinstance(config.normalize_head, bool):
        checks.require(False, "normalize_head", "true or false", config.normalize_head)


def check_widths(name: str, widths: tuple[int, ...]) -> None:
    """Raises `ValueError` unless there are widths, each at least 1."""
    rule = f"non-empty, and at most {MAX_LAYERS} of them"
    checks.require(0 < len(widths) <= MAX_LAYERS, name, rule, widths)
    for width in widths:
        checks.require_count(name, width)


def check_condition(config) -> None:
    """Raises `ValueError` if the condition of a network is out of range."""
    num_classes, label_dims = config.num_classes, config.label_dims
    if num_classes is not None:
        checks.require_count("num_classes", num_classes, low=2)
    if label_dims is not None:
        checks.require_count("label_dims", label_dims, high=62)
        rule = "null where `num_classes` is given"
        checks.require(num_classes is None, "label_dims", rule, label_dims)
