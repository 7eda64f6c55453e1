"""Two attributes of small pictures, learned and read again."""

import dataclasses

import numpy as np
import pytest

from ebm_tf.box import PIXELS
from ebm_tf.studies.composition.readers import VALID
from ebm_tf.studies.composition.readers.learned import LearnedReaderConfig
from tests.ebm_tf.studies import known

CONFIG = LearnedReaderConfig(num_epochs=4, batch_size=16, learning_rate=0.003)
NAMES = ("left", "top")


@dataclasses.dataclass
class Model:
    """What the reader asks of a model."""

    state_shape: tuple = (8, 8, 1)


def pictures(split):
    """Bright on the left or not, at the top or not."""
    draw = np.random.default_rng({"train": 0, "validation": 1, "test": 2}[split])
    labels = draw.integers(0, 2, [160, 2]).astype(np.float32)
    x = draw.integers(0, 60, [160, 8, 8, 1])
    x[:, :, :3] += (150 * labels[:, 0].astype(int))[:, None, None, None]
    x[:, :3] += (40 * labels[:, 1].astype(int))[:, None, None, None]
    return x.astype(np.uint8), labels


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples")
    examples = known.examples(folder, space=PIXELS, made=pictures)
    names = {"examples": NAMES}
    return known.subject(Model(), space=PIXELS, examples=examples, label_names=names)


def test_it_reads_what_it_has_learned(subject):
    reader = CONFIG.make(subject)
    x, labels = pictures("test")
    asked, found = reader.known(x, labels), reader.read(x)
    for number, name in enumerate(NAMES):
        np.testing.assert_array_equal(asked[name], labels[:, number])
        # Chance is 80 of 160, four standard errors above it 105.
        assert reader.agree((name,), asked, found).sum() > 140
    assert found[VALID].all() and found["left"].shape == (160,)


def test_labels_of_classes_and_other_states_are_refused(subject):
    classes = dataclasses.replace(subject, label_names={"examples": ()})
    with pytest.raises(ValueError, match="`--examples` must be with labels of numbers"):
        CONFIG.make(classes)
    flat = dataclasses.replace(subject, energy=Model((5,)))
    with pytest.raises(ValueError, match="`reader.kind` must be one that reads"):
        CONFIG.make(flat)
    with pytest.raises(ValueError, match="`tolerance` must be"):
        LearnedReaderConfig(tolerance=1.0)
