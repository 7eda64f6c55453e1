"""Conditions as a user gives them: what they become, and what is refused."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.conditions import Classes, NoiseLevel, Numbers, Several
from ebm_tf.notebook.condition import tensors_of

BOTH = Several({"labels": Classes(10), "noise_level": NoiseLevel(0.1, 1.0)})


def test_lists_and_arrays_become_tensors():
    found = tensors_of(Classes(10), [3, 9], 2)
    assert found.dtype == tf.int32 and found.numpy().tolist() == [3, 9]
    found = tensors_of(Numbers(2), [[0, 1], [1, 0.5]], 2)
    assert found.dtype == tf.float32 and found.shape == (2, 2)
    found = tensors_of(BOTH, {"labels": [1], "noise_level": [0.5]}, 1)
    assert found["labels"].dtype == tf.int32
    np.testing.assert_allclose(found["noise_level"], [0.5])
    assert tensors_of(None, None, 5) is None


@pytest.mark.parametrize(
    "space, given, text",
    [
        (Classes(10), None, "`labels` must be given"),
        (None, [1, 2], "`labels` must be None for this model"),
        (Classes(10), [1], "`labels` must be of shape (2,). Received: labels=(1,)"),
        (Classes(10), [[1], [2]], "`labels` must be of shape (2,)"),
        (Classes(10), [1.9, 1.0], "`labels` must be whole numbers"),
        (Classes(10), [1, 10], "`labels` must be within [0, 9]. Received: labels=[10]"),
        (Classes(10), [2**40, 1], "`labels` must be within [0, 9]"),
        (Classes(10), ["a", "b"], "`labels` must be whole numbers"),
        (Numbers(2), [[0, 2], [0, 0]], "`labels` must be within [0, 1]"),
        (NoiseLevel(0.1, 1.0), [np.nan, 0.5], "must be within [0.1, 1]"),
        (BOTH, {"labels": [1, 2]}, "must be a dict of labels, noise_level"),
    ],
)
def test_what_is_wrong_is_one_line(space, given, text):
    with pytest.raises(ValueError) as caught:
        tensors_of(space, given, 2)
    assert text in str(caught.value) and "\n" not in str(caught.value)
