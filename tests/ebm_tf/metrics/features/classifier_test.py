"""The hidden layer of the classifier as features."""

import keras
import numpy as np
import pytest

from ebm_tf.box import PIXELS, UNIT
from ebm_tf.metrics import classifier, features
from ebm_tf.metrics.features.classifier import ClassifierFeatures


def test_features_and_probabilities_are_those_of_the_classifier():
    model = classifier.build_classifier((12, 12, 1), 5, seed=3)
    images = np.random.default_rng(0).integers(0, 256, [30, 12, 12, 1]).astype(np.uint8)
    config = ClassifierFeatures()
    network = config.network(PIXELS, model)
    found = features.extract(network, images.__getitem__, 30, config)
    assert found.features.shape == (30, 128) and found.features.min() == 0.0
    probs = classifier.class_probs(model, images.__getitem__, 30)
    np.testing.assert_allclose(found.probs, probs, atol=1e-6)
    # The last layer makes the logits of the features: no dropout is between.
    kernel, bias = model.get_layer("logits").get_weights()
    logits = model.predict_on_batch(images)
    np.testing.assert_allclose(found.features @ kernel + bias, logits, atol=1e-4)


def test_another_network_and_states_of_another_range_are_refused():
    config = ClassifierFeatures()
    inputs = keras.Input((4, 4, 1))
    other = keras.Model(inputs, keras.layers.Flatten(name="flat")(inputs))
    with pytest.raises(ValueError, match="`classifier` must be a classifier with a la"):
        config.network(PIXELS, other)
    model = classifier.build_classifier((4, 4, 1), 2, seed=0, space=UNIT)
    network = config.network(UNIT, model)
    with pytest.raises(ValueError, match="`stored` must be from 0 to 1, as the box"):
        network(np.full([1, 4, 4, 1], 200.0, np.float32))
