"""A hash of a graph tells what it computes, and not what else the process did."""

import tensorflow as tf

from ebm_tf.export.graph_hash import graph_hash


def saved(folder, factor):
    """Saves a loop and a gradient of its own; returns the path of its graph."""

    @tf.custom_gradient
    def scaled(x):
        return factor * x, lambda dy: factor * dy

    @tf.function(input_signature=[tf.TensorSpec([], tf.float32)], autograph=False)
    def moved(x):
        def step(i, x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = scaled(x) ** 2
            return i + 1, x - tape.gradient(y, x)

        return tf.while_loop(lambda i, x: i < 3, step, (tf.constant(0), x))[1]

    module = tf.Module()
    module.moved = moved
    tf.saved_model.save(module, str(folder))
    return folder / "saved_model.pb"


def test_it_is_of_what_is_computed(tmp_path):
    one, same = saved(tmp_path / "one", 0.5), saved(tmp_path / "same", 0.5)
    other = saved(tmp_path / "other", 0.25)
    assert one.read_bytes() != same.read_bytes()  # functions have other numbers
    assert graph_hash(str(one)) == graph_hash(str(same))
    assert graph_hash(str(one)) != graph_hash(str(other))
