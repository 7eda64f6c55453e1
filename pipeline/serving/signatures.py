"""The signatures of an exported model, and what a request says as their arrays.

Names and data types are those of the Open Inference Protocol, version 2 [1].

[1] https://github.com/kserve/open-inference-protocol
"""

import dataclasses
import os
from collections.abc import Callable, Iterable, Mapping

import numpy as np
import tensorflow as tf

from ebm_tf import checks
from ebm_tf.export import saved_model

DATATYPES = {tf.float32: "FP32", tf.int32: "INT32"}
# The signature whose requests may be put together, and what its rows are told by.
BATCHED, SEEDS = "draw", "seeds"


@dataclasses.dataclass(frozen=True)
class Tensor:
    """A tensor of a request.

    Attributes:
        name: Of an input.
        datatype: Such as "FP32".
        shape: Whole numbers.
        data: Numbers, in a list or in lists of lists.
    """

    name: str
    datatype: str
    shape: list[int]
    data: list


@dataclasses.dataclass(frozen=True)
class Signature:
    """A function of an exported model.

    Attributes:
        name: Such as "sample".
        function: What runs it, by the names of its inputs.
        inputs: Spec of each input; None in a shape is any number, B.
        outputs: Likewise of each output.
        model: What owns the variables that the function reads.
    """

    name: str
    function: Callable[..., dict]
    inputs: Mapping[str, tf.TensorSpec]
    outputs: Mapping[str, tf.TensorSpec]
    model: object

    def __call__(self, arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Returns the outputs.

        Raises:
            ValueError: If the graph refuses the request, with the sentence it says.
        """
        tensors = {name: tf.constant(array) for name, array in arrays.items()}
        try:
            outputs = self.function(**tensors)
        except tf.errors.InvalidArgumentError as error:
            raise checks.InvalidValueError(_sentence(error.message)) from error
        return {name: value.numpy() for name, value in outputs.items()}

    def arrays(self, given: Iterable[Tensor]) -> dict[str, np.ndarray]:
        """Returns what a request gives, as arrays of the inputs' shapes and types.

        Raises:
            ValueError: If names, types, shapes or numbers do not fit.
        """
        given = list(given)
        names = [tensor.name for tensor in given]
        rule = f"{', '.join(self.inputs)}, each once"
        checks.require(sorted(names) == sorted(self.inputs), "inputs", rule, names)
        return {
            tensor.name: _array(tensor, self.inputs[tensor.name]) for tensor in given
        }

    def smallest(self, num: int = 1) -> dict[str, np.ndarray]:
        """Returns the arrays of a request for `num` rows that the graph may refuse."""
        made = {}
        for name, spec in self.inputs.items():
            shape = [num if dim is None else dim for dim in spec.shape]
            made[name] = np.ones(shape, spec.dtype.as_numpy_dtype)
        return made


def load(folder: str) -> dict[str, Signature]:
    """Returns the signatures of the SavedModel in `folder/1`, by name."""
    loaded = tf.saved_model.load(os.path.join(folder, saved_model.VERSION))
    found = {}
    for name, function in loaded.signatures.items():
        inputs = function.structured_input_signature[1]
        outputs = function.structured_outputs
        found[name] = Signature(name, function, inputs, outputs, loaded)
    return found


def described(specs: Mapping[str, tf.TensorSpec]) -> list[dict]:
    """Returns tensors as the metadata of a model list them; -1 is any number."""
    return [
        {
            "name": name,
            "datatype": DATATYPES[spec.dtype],
            "shape": [-1 if dim is None else dim for dim in spec.shape],
        }
        for name, spec in specs.items()
    ]


def largest_body(signatures: Iterable[Signature], max_num: int) -> int:
    """Returns how many bytes of JSON a request of `max_num` rows may take."""
    sizes = [
        sum(
            np.prod([dim or max_num for dim in spec.shape])
            for spec in one.inputs.values()
        )
        for one in signatures
    ]
    # A float64 takes 25 characters and a comma; the rest is for names and blanks.
    return 32 * int(max(sizes)) + 65_536


def _array(given: Tensor, spec: tf.TensorSpec) -> np.ndarray:
    name, wanted = given.name, DATATYPES[spec.dtype]
    checks.require(given.datatype == wanted, f"{name}.datatype", wanted, given.datatype)
    shape = list(given.shape)
    if spec.shape.rank == 0 and shape == [1]:  # who cannot say a number says a list
        shape = []
    text = ", ".join("B" if dim is None else str(dim) for dim in spec.shape)
    fits = len(shape) == len(spec.shape) and all(
        dim is None or dim == own for dim, own in zip(spec.shape, shape, strict=True)
    )
    checks.require(fits, f"{name}.shape", f"[{text}]", given.shape)
    try:
        array = np.array(given.data)
    except ValueError:
        array = np.array(None)  # lists of unequal lengths
    kinds = "iu" if spec.dtype.is_integer else "iuf"
    is_empty = array.size == 0 and array.dtype.kind == "f"
    rule = "whole numbers" if spec.dtype.is_integer else "numbers"
    is_right = array.dtype.kind in kinds or is_empty
    checks.require(is_right, f"{name}.data", rule, given.data)
    rule = f"as many numbers as its shape, {shape}, says"
    checks.require(array.size == np.prod(shape), f"{name}.data", rule, array.size)
    if spec.dtype.is_integer and array.size:
        fits = -checks.INT32_MAX - 1 <= array.min() <= array.max() <= checks.INT32_MAX
        checks.require(fits, f"{name}.data", "int32", given.data)
    with np.errstate(over="ignore"):  # to infinity, which the graph refuses
        return array.astype(spec.dtype.as_numpy_dtype).reshape(shape)


def _sentence(message: str) -> str:
    """Returns the sentence of a check in a graph, without what TensorFlow adds."""
    start = max(message.find("`"), 0)  # before it stands "assertion failed: ["
    return message[start:].partition("\n")[0].removesuffix("]")
