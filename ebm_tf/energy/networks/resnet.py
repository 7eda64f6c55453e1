"""The residual networks of the paper."""

import dataclasses
import math
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.energy.config import (
    ACTIVATIONS,
    MAX_LAYERS,
    check_layers,
    check_widths,
)
from ebm_tf.energy.networks import ConditionConfig, halved


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResNetConfig(ConditionConfig):
    """The residual networks of the paper, Figure 12.

    A 3x3 convolution to `stem_filters`; stages of residual blocks, each of which
    begins with a block that halves the resolution; sum pooling; the head. Figure
    12(a) is `stem_filters=128, stage_filters=(128, 256, 256), stage_blocks=(2, 2, 2)`.

    Attributes:
        stem_filters: Width of the first convolution.
        stage_filters: Width of each stage.
        stage_blocks: Number of blocks of each stage, 1 to 1,000.
        activation: One of `ACTIVATIONS`, in the blocks.
        head_activation: One of `ACTIVATIONS`, before the pooling.
        kernel_initializer: One of `KERNEL_INITIALIZERS`.
        normalize_head: Whether the head is spectrally normalized too.
        attention_stage: Stage, from 1, whose blocks self-attention follows, or None.
    """

    kind: ClassVar[str] = "resnet"
    num_axes: ClassVar[int] = 3
    stem_filters: int
    stage_filters: tuple[int, ...]
    stage_blocks: tuple[int, ...]
    activation: str
    head_activation: str
    kernel_initializer: str
    normalize_head: bool
    attention_stage: int | None = None

    def __post_init__(self):
        super().__post_init__()
        checks.require_count("stem_filters", self.stem_filters)
        checks.require(
            len(self.stage_filters) == len(self.stage_blocks) > 0,
            "stage_blocks",
            f"as long as `stage_filters`, {self.stage_filters}",
            self.stage_blocks,
        )
        check_widths("stage_filters", self.stage_filters)
        for value in self.stage_blocks:
            checks.require_count("stage_blocks", value, high=MAX_LAYERS)
        checks.require_choice("head_activation", self.head_activation, ACTIVATIONS)
        if self.attention_stage is not None:
            num_stages = len(self.stage_filters)
            checks.require_count(
                "attention_stage", self.attention_stage, high=num_stages
            )
        check_layers(self)

    def num_activations(self, state_shape):
        """As `NetworkConfig.num_activations`."""
        places = state_shape[:-1]
        total = math.prod(places) * self.stem_filters
        for width, num_blocks in zip(
            self.stage_filters, self.stage_blocks, strict=True
        ):
            # A block has two: before its convolution that may be halved, and after it.
            total += math.prod(places) * width
            places = halved(places)
            total += math.prod(places) * width * (2 * num_blocks - 1)
        return total

    @classmethod
    def network_class(cls):
        """Returns the class of the networks; imports TensorFlow."""
        from ebm_tf.energy.resnet import ResNetEnergy

        return ResNetEnergy
