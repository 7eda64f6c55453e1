"""Digits: the class by the classifier, slant and width of strokes by measuring."""

import dataclasses
from typing import ClassVar

import numpy as np

from ebm_tf import checks
from ebm_tf.data import strokes
from ebm_tf.studies.composition.readers import (
    CLASS,
    VALID,
    Reader,
    ReaderConfig,
    check_tolerance,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class StrokesReaderConfig(ReaderConfig):
    """The class as the classifier has it, slant and stroke width as labels are made.

    Attributes:
        slant: How far the label of the slant may be from the one asked for.
        stroke_width: Likewise of the width of strokes.
        least_sure: Probability that the classifier must give a class for a picture to
            have any.
    """

    kind: ClassVar[str] = "strokes"
    names: ClassVar[tuple[str, ...]] = strokes.NAMES
    needs_classifier: ClassVar[bool] = True
    slant: float = 0.07
    stroke_width: float = 0.07
    least_sure: float = 0.5

    def __post_init__(self):
        for name in ("slant", "stroke_width", "least_sure"):
            check_tolerance(name, getattr(self, name))

    def make(self, subject):
        """Returns the reader of pictures in one channel."""
        shape = subject.energy.state_shape
        rule = "one that reads such states: strokes are pictures in one channel"
        is_fit = len(shape) == 3 and shape[2] == 1
        checks.require(is_fit, "reader.kind", rule, f"{self.kind}, states of {shape}")
        return StrokesReader(self, subject.classifier)


class StrokesReader(Reader):
    """Measures strokes; see `StrokesReaderConfig`.

    Args:
        config: Its settings.
        classifier: From stored states to logits.
    """

    def __init__(self, config: StrokesReaderConfig, classifier):
        tolerances = {name: getattr(config, name) for name in strokes.NAMES}
        super().__init__(tolerances)
        self._config, self._classifier = config, classifier

    def read(self, stored):
        """Returns class, slant and stroke width."""
        from ebm_tf.metrics.classifier import class_probs

        probs = class_probs(self._classifier, stored.__getitem__, len(stored))
        labels = strokes.labels_of(stored, strokes.NAMES)
        return {
            CLASS: np.asarray(probs.argmax(axis=1), np.int32),
            VALID: probs.max(axis=1) >= self._config.least_sure,
            **dict(zip(strokes.NAMES, labels.T)),
        }
