"""The hidden layer of the data set's own classifier."""

import dataclasses
from typing import ClassVar

from ebm_tf import checks
from ebm_tf.metrics.features import FeatureConfig

_LAYER = "hidden"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassifierFeatures(FeatureConfig):
    """The hidden layer of the classifier that `evaluate` trains, 128 numbers.

    It was trained on the training images that others are compared with, and knows
    nothing beyond them.
    """

    kind: ClassVar[str] = "classifier"
    width: ClassVar[int] = 128
    needs_classifier: ClassVar[bool] = True

    def network(self, space, classifier=None):
        """Returns the classifier up to that layer, and its probabilities."""
        import keras

        from ebm_tf.metrics import colours

        names = [layer.name for layer in classifier.layers]
        rule = f"a classifier with a layer {_LAYER!r}"
        checks.require(_LAYER in names, "classifier", rule, names)
        hidden = classifier.get_layer(_LAYER).output
        both = keras.Model(classifier.input, [hidden, classifier.output])

        from ebm_tf.metrics.feature_sets import Features

        def network(stored) -> Features:
            colours.require_range(stored, space)
            features, logits = both.predict_on_batch(stored)
            probs = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
            return Features(features, probs)

        return network
