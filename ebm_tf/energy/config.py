"""Shapes of energy networks, without TensorFlow: commands read these first."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks

# What a network computes in; weights and energies are float32 in either.
DTYPES = ("float32", "bfloat16")
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


def _check_labels(num_classes: int | None, label_dims: int | None) -> None:
    if num_classes is not None:
        checks.require_count("num_classes", num_classes, low=2)
    if label_dims is not None:
        checks.require_count("label_dims", label_dims, high=62)
        rule = "null where `num_classes` is given"
        checks.require(num_classes is None, "label_dims", rule, label_dims)


def _check_widths(name: str, widths: tuple[int, ...]) -> None:
    checks.require(len(widths) > 0, name, "non-empty", widths)
    for width in widths:
        checks.require_count(name, width)


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
    label_dims: ClassVar[None] = None
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
        attention_stage: Stage, from 1, whose blocks self-attention follows, or None.
        num_classes: Number of labels that gains and biases depend on, or None.
        label_dims: Length of a label that is a list of numbers in [0, 1], which
            gains and biases are linear in, or None.
    """

    kind: ClassVar[str] = "resnet"
    stem_filters: int
    stage_filters: tuple[int, ...]
    stage_blocks: tuple[int, ...]
    activation: str
    head_activation: str
    kernel_initializer: str
    normalize_head: bool
    attention_stage: int | None = None
    num_classes: int | None = None
    label_dims: int | None = None

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
        if self.attention_stage is not None:
            num_stages = len(self.stage_filters)
            checks.require_count(
                "attention_stage", self.attention_stage, high=num_stages
            )
        _check_shared(self)
        _check_labels(self.num_classes, self.label_dims)


class _LabelsOfNetwork:
    """Of what is made of several networks alike: the labels are those of one."""

    @property
    def num_classes(self) -> int | None:
        """Number of labels, or None."""
        return self.network.num_classes

    @property
    def label_dims(self) -> int | None:
        """Length of a label that is a list of numbers, or None."""
        return self.network.label_dims


@dataclasses.dataclass(frozen=True, kw_only=True)
class MultiScaleConfig(_LabelsOfNetwork):
    """The sum of networks alike, each on the image at half the resolution before.

    Attributes:
        num_scales: How many, each with weights of its own: 3 sees the image whole,
            at half and at a quarter of its height and width.
        network: One of them.
    """

    kind: ClassVar[str] = "multi_scale"
    num_scales: int
    network: ResNetConfig

    def __post_init__(self):
        checks.require_count("num_scales", self.num_scales, low=2)


@dataclasses.dataclass(frozen=True, kw_only=True)
class SpritesNetConfig:
    """The dSprites network of the released code, at any width.

    A 3x3 convolution to `filters / 2`, four 4x4 convolutions of stride 2 to
    `filters`, `2 * filters`, `2 * filters` and `2 * filters`, a dense layer of
    `2 * filters` and the head. Labels act as biases before the four, and as the gain
    after the third of them.

    Attributes:
        filters: 64 in the released code; even.
        activation: One of `ACTIVATIONS`.
        kernel_initializer: One of `KERNEL_INITIALIZERS`.
        normalize_head: Whether the head is spectrally normalized too.
        num_classes: Number of labels, or None.
        label_dims: Length of a label that is a list of numbers in [0, 1], or None.
    """

    kind: ClassVar[str] = "sprites_net"
    filters: int
    activation: str
    kernel_initializer: str
    normalize_head: bool
    num_classes: int | None = None
    label_dims: int | None = None

    def __post_init__(self):
        checks.require_count("filters", self.filters)
        checks.require(self.filters % 2 == 0, "filters", "even", self.filters)
        _check_shared(self)
        _check_labels(self.num_classes, self.label_dims)


@dataclasses.dataclass(frozen=True, kw_only=True)
class SequenceConfig:
    """Convolutions in time, for sequences of states `[T, D]`.

    A convolution to the first width, then one of stride 2 to each width, the sum over
    time, the head.

    Attributes:
        filters: Width of each convolution of stride 2.
        kernel_size: Moments that a convolution sees.
        activation: One of `ACTIVATIONS`.
        kernel_initializer: One of `KERNEL_INITIALIZERS`.
        normalize_head: Whether the head is spectrally normalized too.
    """

    kind: ClassVar[str] = "sequence"
    num_classes: ClassVar[None] = None
    label_dims: ClassVar[None] = None
    filters: tuple[int, ...]
    kernel_size: int
    activation: str
    kernel_initializer: str
    normalize_head: bool

    def __post_init__(self):
        _check_widths("filters", self.filters)
        checks.require_count("kernel_size", self.kernel_size)
        _check_shared(self)


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
    label_dims: ClassVar[None] = None
    widths: tuple[int, ...]
    scale: float
    activation: str
    kernel_initializer: str
    normalize_head: bool

    def __post_init__(self):
        _check_widths("widths", self.widths)
        checks.require_number("scale", self.scale, above=0)
        _check_shared(self)


NetworkConfig = (
    ConvNetConfig
    | ResNetConfig
    | MultiScaleConfig
    | SpritesNetConfig
    | SequenceConfig
    | MlpConfig
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class EnsembleConfig(_LabelsOfNetwork):
    """The mean of networks alike, trained and sampled as one energy (A.12).

    Attributes:
        num_members: How many, each with weights of its own.
        network: One of them.
    """

    kind: ClassVar[str] = "ensemble"
    num_members: int
    network: NetworkConfig

    def __post_init__(self):
        checks.require_count("num_members", self.num_members, low=2)


EnergyConfig = NetworkConfig | EnsembleConfig
