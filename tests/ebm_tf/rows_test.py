"""A number of each row meets all of that row, and nothing else."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rows


@pytest.mark.parametrize("shape", [(3,), (3, 2), (3, 2, 4, 1)])
def test_each_row_has_its_own_number(shape):
    x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    values = tf.constant([1.0, 10.0, 100.0])
    found = rows.per_row(values, tf.constant(x)) * x
    wanted = np.stack([row * number for row, number in zip(x, (1, 10, 100))])
    np.testing.assert_array_equal(found, wanted)


def test_in_a_graph_the_number_of_rows_may_be_open():
    @tf.function(input_signature=[tf.TensorSpec([None]), tf.TensorSpec([None, 2, 2])])
    def scaled(values, x):
        return rows.per_row(values, x) * x

    found = scaled([2.0, 3.0], np.ones((2, 2, 2), np.float32))
    np.testing.assert_array_equal(found[:, 0, 0], [2.0, 3.0])
