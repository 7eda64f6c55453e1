"""Class by a classifier, slant and width by measuring."""

import dataclasses

import keras
import numpy as np
import pytest

from ebm_tf.studies.composition.readers import CLASS, VALID
from ebm_tf.studies.composition.readers.strokes import StrokesReaderConfig
from tests.ebm_tf.studies import known


@dataclasses.dataclass
class Model:
    """What the reader asks of a model."""

    state_shape: tuple = (28, 28, 1)


def bars(shears, width=4.0):
    """Returns upright bars whose tops go to the right."""
    row, column = np.mgrid[0:28, 0:28] + 0.5
    found = [
        (np.abs(column - 14.0 + shear * (row - 14.0)) < width / 2.0)
        & (np.abs(row - 14.0) < 10.0)
        for shear in shears
    ]
    return 255 * np.array(found, np.uint8)[..., None]


@pytest.fixture(scope="module")
def classifier():
    """Sure of class 1 of what leans to the right, of class 0 of the opposite."""
    x = keras.Input((28, 28, 1))
    layer = keras.layers.Dense(2, name="logits")
    model = keras.Model(x, layer(keras.layers.Flatten()(x)))
    row, column = np.mgrid[0:28, 0:28] - 13.5
    lean = np.ravel(-row * column) * 1e-3
    layer.set_weights([np.stack([-lean, lean], axis=1), np.zeros(2)])
    return model


def test_it_reads_class_slant_and_width(classifier):
    told = known.subject(Model(), classifier=classifier)
    reader = StrokesReaderConfig().make(told)
    found = reader.read(bars([-0.4, 0.0, 0.4]))
    assert found[CLASS][0] == 0 and found[CLASS][2] == 1
    assert found[VALID][0] and found[VALID][2]
    np.testing.assert_allclose(found["slant"], [0.3, 0.5, 0.7], atol=0.01)
    asked = {"slant": np.array([0.3, 0.5, 0.55])}
    assert reader.agree(("slant",), asked, found).tolist()[::2] == [True, False]
    wide = reader.read(bars([0.4], 6.0))["stroke_width"]
    # Of a bar of 20 by w the mean distance to the edge is w / 4 (1 - w / 60); across,
    # the bar that leans is narrower by the cosine.
    apart = (6.0 * 0.9 - 4.0 * 14 / 15) * np.cos(np.arctan(0.4)) / 7.0
    assert wide[0] - found["stroke_width"][2] == pytest.approx(apart, rel=0.1)


def test_bad_settings_and_states_are_named():
    with pytest.raises(ValueError, match="`slant` must be"):
        StrokesReaderConfig(slant=0.0)
    with pytest.raises(ValueError, match="`reader.kind` must be one that reads"):
        StrokesReaderConfig().make(known.subject(Model((8, 8, 3))))
    assert StrokesReaderConfig().needs_classifier
