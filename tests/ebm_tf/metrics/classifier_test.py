"""The classifier: any shape, seeded, and probabilities in the order of the images."""

import keras
import numpy as np
import pytest

from ebm_tf.metrics import classifier


def _images(num, shape):
    return np.random.default_rng(0).integers(0, 256, [num, *shape], dtype=np.uint8)


@pytest.mark.parametrize(
    "shape, num_classes", [((28, 28, 1), 10), ((32, 32, 3), 100), ((2, 5, 4), 2)]
)
def test_any_shape_and_number_of_classes(shape, num_classes):
    model = classifier.build_classifier(shape, num_classes, seed=0)
    assert model(_images(3, shape)).shape == (3, num_classes)


def test_the_documented_size():
    model = classifier.build_classifier((28, 28, 1), 10, seed=0)
    assert model.count_params() == 458570


def test_the_seed_decides_the_weights():
    one, same, other = (
        classifier.build_classifier((8, 8, 1), 3, seed).get_weights()
        for seed in (1, 1, 2)
    )
    for left, right in zip(one, same):
        np.testing.assert_array_equal(left, right)
    kernels = [i for i, value in enumerate(one) if value.ndim > 1]
    assert all(np.any(one[i] != other[i]) for i in kernels)


def test_probabilities_are_softmax_in_the_order_of_the_images():
    images = _images(7, (8, 8, 1))
    model = classifier.build_classifier((8, 8, 1), 3, seed=0)
    probs = classifier.class_probs(model, images.__getitem__, 7, batch_size=3)
    expected = keras.ops.softmax(model(images, training=False))
    np.testing.assert_allclose(probs, expected, rtol=1e-5)
    np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize("shape, num_classes", [((8, 8), 10), ((8, 8, 1), 1)])
def test_what_cannot_be_classified_is_refused(shape, num_classes):
    with pytest.raises(ValueError, match="must be"):
        classifier.build_classifier(shape, num_classes, seed=0)
