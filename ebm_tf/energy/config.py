"""Shapes of energy networks, without TensorFlow: commands read these first."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks

ACTIVATIONS = ("leaky_relu", "relu", "swish")
# Names of initial kernels; spectral normalization makes their scale irrelevant to
# the energy, not to the learning rate: Adam moves a larger kernel relatively less.
KERNEL_INITIALIZERS = ("glorot_uniform", "he_normal", "unit_normal")


def _check_shared(config) -> None:
    checks.require_choice("activation", config.activation, ACTIVATIONS)
    checks.require_choice(
        "kernel_initializer", config.kernel_initializer, KERNEL_INITIALIZERS
    )
    if not isinstance(config.normalize_head, bool):
        checks.require(False, "normalize_head", "true or false", config.normalize_head)


def _check_num_classes(num_classes: int | None) -> None:
    if num_classes is not None:
        checks.require_count("num_classes", num_classes, low=2)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ConvNetConfig:
    """The MNIST network of the released code, at any width.

    A 3x3 convolution to `stem_filters`, three 4x4 convolutions of stride 2 to
    `filters`, `2 * filters` and `4 * filters`, a dense layer of `2 * filters` and
    the head. Unconditional.

    Attributes:
        stem_filters: Width of the first convolution, the one at full resolution;
            the released code's is `filters`.
        filters: Width of the second.
        activation: One of `ACTIVATIONS`.
        kernel_initializer: One of `KERNEL_INITIALIZERS`.
        normalize_head: Whether the head is spectrally normalized too, as the
            paper says (A.10) and its released code does not.
    """

    kind: ClassVar[str] = "convnet"
    num_classes: ClassVar[None] = None
    stem_filters: int
    filters: int
    activation: str
    kernel_initializer: str
    normalize_head: bool

    def __post_init__(self):
        checks.require_count("stem_filters", self.stem_filters)
        checks.require_count("filters", self.filters)
        _check_shared(self)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResNetConfig:
    """The residual networks of the paper, Figure 12.

    A 3x3 convolution to `stem_filters`; stages of residual blocks, each of which
    begins with a block that halves the resolution; sum pooling; the head. Figure
    12(a) is `stem_filters=128, stage_filters=(128, 256, 256), stage_blocks=(2, 2, 2)`.

    Attributes:
        stem_filters: Width of the first convolution.
        stage_filters: Width of each stage.
        stage_blocks: Number of blocks of each stage, at least 1.
        activation: One of `ACTIVATIONS`, in the blocks.
        head_activation: One of `ACTIVATIONS`, before the pooling.
        kernel_initializer: One of `KERNEL_INITIALIZERS`.
        normalize_head: Whether the head is spectrally normalized too.
        num_classes: Number of labels that gains and biases depend on, or None.
    """

    kind: ClassVar[str] = "resnet"
    stem_filters: int
    stage_filters: tuple[int, ...]
    stage_blocks: tuple[int, ...]
    activation: str
    head_activation: str
    kernel_initializer: str
    normalize_head: bool
    num_classes: int | None

    def __post_init__(self):
        checks.require_count("stem_filters", self.stem_filters)
        checks.require(
            len(self.stage_filters) == len(self.stage_blocks) > 0,
            "stage_blocks",
            f"as long as `stage_filters`, {self.stage_filters}",
            self.stage_blocks,
        )
        for name in ("stage_filters", "stage_blocks"):
            for value in getattr(self, name):
                checks.require_count(name, value)
        checks.require_choice("head_activation", self.head_activation, ACTIVATIONS)
        _check_shared(self)
        _check_num_classes(self.num_classes)


@dataclasses.dataclass(frozen=True, kw_only=True)
class MlpConfig:
    """Dense layers with spectral normalization, for points in a few dimensions.

    Attributes:
        widths: Width of each hidden layer.
        scale: Factor on the input; with every layer's slope at most 1, it and the
            head decide how steep the energy can be.
        activation: One of `ACTIVATIONS`.
        kernel_initializer: One of `KERNEL_INITIALIZERS`.
        normalize_head: Whether the head is spectrally normalized too.
    """

    kind: ClassVar[str] = "mlp"
    num_classes: ClassVar[None] = None
    widths: tuple[int, ...]
    scale: float
    activation: str
    kernel_initializer: str
    normalize_head: bool

    def __post_init__(self):
        checks.require(len(self.widths) > 0, "widths", "non-empty", self.widths)
        for width in self.widths:
            checks.require_count("widths", width)
        checks.require_number("scale", self.scale, above=0)
        _check_shared(self)


EnergyConfig = ConvNetConfig | ResNetConfig | MlpConfig
