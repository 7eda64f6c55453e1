"""Any numbers that labels have, such as CelebA's attributes: by a network."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ebm_tf import checks
from ebm_tf.studies.composition.readers import (
    VALID,
    Reader,
    ReaderConfig,
    check_tolerance,
)

if TYPE_CHECKING:
    from ebm_tf.studies.contract import Subject


@dataclasses.dataclass(frozen=True, kw_only=True)
class LearnedReaderConfig(ReaderConfig):
    """A network that is trained on the examples to say the numbers of their labels.

    The examples have all attributes in their labels: they are those of a run with
    `ingest.label_names` of all. It is judged on test images, in the table `reader`.

    Attributes:
        num_epochs: Passes over the training set.
        batch_size: Images of a step.
        learning_rate: Of Adam.
        tolerance: How far a number may be from the one asked for: 0.5 for attributes
            that are 0 or 1.
    """

    kind: ClassVar[str] = "learned"
    num_epochs: int = 3
    batch_size: int = 64
    learning_rate: float = 0.001
    tolerance: float = 0.5

    def __post_init__(self):
        checks.require_count("num_epochs", self.num_epochs)
        checks.require_count("batch_size", self.batch_size)
        checks.require_number("learning_rate", self.learning_rate, above=0)
        check_tolerance("tolerance", self.tolerance)

    def make(self, subject: "Subject"):
        """Returns the reader, its network trained."""
        shape, names = subject.energy.state_shape, subject.label_names["examples"]
        rule = "one that reads such states: the network takes images"
        told = f"{self.kind}, states of {shape}"
        checks.require(len(shape) == 3, "reader.kind", rule, told)
        rule = "with labels of numbers (ingest.label_names): the reader learns them"
        checks.require(bool(names), "--examples", rule, "labels of classes")
        return LearnedReader(self, subject)


class LearnedReader(Reader):
    """Reads the numbers of labels; see `LearnedReaderConfig`.

    Args:
        config: Its settings.
        subject: With examples that have all attributes.
    """

    def __init__(self, config: LearnedReaderConfig, subject: "Subject"):
        import keras

        from ebm_tf.metrics import classifier

        self._names = tuple(subject.label_names["examples"])
        super().__init__(dict.fromkeys(self._names, config.tolerance))
        train, num = subject.examples["train"], max(2, len(self._names))
        shape = subject.energy.state_shape
        model = classifier.build_classifier(shape, num, subject.seed, subject.space)
        # One more output than there are names, of one alone, is told 0.
        labels = np.zeros([train.num_examples, num], np.float32)
        labels[:, : len(self._names)] = train.labels
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(config.learning_rate), loss)
        draw = np.random.default_rng(subject.seed)
        for _ in range(config.num_epochs):
            order = draw.permutation(train.num_examples)
            for first in range(0, len(order), config.batch_size):
                rows = order[first : first + config.batch_size]
                model.train_on_batch(train.gather(rows)[0], labels[rows])
        self._model = model

    def read(self, stored):
        """Returns what the network says."""
        logits = np.concatenate(
            [
                np.asarray(self._model(stored[first : first + 250]))
                for first in range(0, len(stored), 250)
            ]
        )
        said = 1.0 / (1.0 + np.exp(-logits.astype(np.float64)))
        return {VALID: np.ones(len(stored), bool), **self._named(said)}

    def known(self, stored, labels):
        """Returns the labels that examples have."""
        return {VALID: np.ones(len(stored), bool), **self._named(labels)}

    def _named(self, columns) -> Mapping[str, np.ndarray]:
        return dict(zip(self._names, np.asarray(columns).T))
