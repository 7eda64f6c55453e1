"""Programs on the disk: the list is compared with what XLA made."""

import json

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.export import programs

SPEC = tf.TensorSpec((2, 3), tf.float32)


@tf.function(autograph=False, jit_compile=True)
def double(x):
    return 2.0 * x


def listed(name="x", shape=(2, 3)):
    spec = tf.TensorSpec(shape, tf.float32)
    return {
        "arguments": programs.entries({name: spec}),
        "results": programs.entries({"y": spec}),
    }


def test_program_list_and_arrays_are_written(tmp_path):
    program = programs.compile_text(double, [SPEC])
    arrays = {"weights.npz": {"x": np.ones([2, 3], np.float32)}}
    programs.write(str(tmp_path / "new"), "double.mlir", program, listed(), arrays)
    found = json.loads((tmp_path / "new" / "arguments.json").read_text())
    assert found == listed()
    assert found["arguments"] == [{"name": "x", "dtype": "float32", "shape": [2, 3]}]
    assert (tmp_path / "new" / "double.mlir").read_text() == program
    assert np.load(tmp_path / "new" / "weights.npz")["x"].shape == (2, 3)


def test_a_list_of_another_program_is_refused(tmp_path):
    program = programs.compile_text(double, [SPEC])
    with pytest.raises(RuntimeError, match="other arguments or results"):
        programs.write(str(tmp_path / "new"), "p", program, listed(shape=(3, 2)), {})
    assert not (tmp_path / "new").exists()


def test_an_argument_that_is_a_result_too_is_passed_on_by_stablehlo_alone():
    held = tf.Variable([1.0, 2.0])

    @tf.function(autograph=False, jit_compile=True)
    def swap(x):
        before = held.read_value()
        held.assign(x)
        return before, x

    program = programs.compile_text(swap, [tf.TensorSpec((2,), tf.float32)])
    assert "stablehlo.optimization_barrier" in program
    assert "mhlo.copy" not in program
