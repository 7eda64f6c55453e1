"""What a network is made of: layers, shapes, parameters, multiply-adds.

Multiply-adds are counted in the graph that is run, not by formula: what every
convolution and matrix product of one more image adds to them. What depends on weights
alone, such as the power iterations, is done once a batch and does not count; nor do
sums, biases and activations. A convolution's zeros around the image count as pixels.
"""

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import keras
import tensorflow as tf

from ebm_tf import conditions
from ebm_tf.energy.model import EnergyModel


class Row(NamedTuple):
    """A layer.

    Attributes:
        name: Its name; of a network of several, after the name of its part.
        kind: Its class.
        shape: Of what it makes of one image.
        num_parameters: Trainable numbers.
        num_multiply_adds: For one image, without gradients.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    num_parameters: int
    num_multiply_adds: int


def summarize(model: EnergyModel) -> list[Row]:
    """Returns the layers of a network, from the state to the energy.

    Weights that hang on the model itself, such as its biases, are the row "".
    """
    ops = list(_ops_of_images(model))
    rows, starts = [], []
    for name, layer in _layers(model):
        # TensorFlow may number the scope of a name that it has seen before.
        scope = re.compile(r"(_\d+)?/".join(["", *map(re.escape, name.split("/")), ""]))
        inside = [op for op in ops if scope.search(op[0].name)]
        shape = tuple(inside[-1][0].outputs[0].shape[1:])
        num = _num_parameters(layer.trainable_weights)
        multiply_adds = sum(map(_added, inside))
        rows.append(Row(name, type(layer).__name__, shape, num, multiply_adds))
        starts.append(ops.index(inside[0]))
    rows = [row for _, row in sorted(zip(starts, rows))]
    rest = _num_parameters(model.trainable_weights)
    rest -= sum(row.num_parameters for row in rows)
    if rest:
        rows.append(Row("", type(model).__name__, (), rest, 0))
    return rows


def _num_parameters(weights) -> int:
    return sum(math.prod(weight.shape) for weight in weights)


def _layers(model) -> Iterator[tuple[str, keras.layers.Layer]]:
    """Yields what has a row, in the order of the call; parts of a sum by layer."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            for name, inner in _layers(layer):
                yield f"{layer.name}/{name}", inner
        elif layer.weights:
            yield layer.name, layer


def _ops_of_images(model) -> Iterator[tuple[tf.Operation, tf.Operation]]:
    """Yields the operations whose result grows with the images: of one, and of two."""
    for one, two in zip(_ops(model, 1), _ops(model, 2), strict=True):
        if one.outputs and one.outputs[0].shape != two.outputs[0].shape:
            yield one, two


def _ops(model, num: int) -> list[tf.Operation]:
    """Returns the operations of one evaluation of so many images."""
    specs = [tf.TensorSpec((num, *model.state_shape), tf.float32)]
    if model.condition_space is not None:
        specs.append(conditions.specs(model.condition_space, num))
    call = tf.function(lambda *args: model(*args), input_signature=specs)
    return call.get_concrete_function().graph.get_operations()


def _added(op: tuple[tf.Operation, tf.Operation]) -> int:
    one, two = op
    return _multiply_adds(two) - _multiply_adds(one)


def _multiply_adds(op: tf.Operation) -> int:
    if op.type == "Conv2DBackpropInput":  # a transposed convolution
        kernel, given = op.inputs[1].shape, op.inputs[2].shape
        return math.prod(given) * math.prod(kernel[:3])
    if op.type == "Conv2D":
        size = math.prod(op.inputs[1].shape[:-1])
    elif op.type in ("MatMul", "BatchMatMulV2"):
        size = op.inputs[0].shape[-2 if op.get_attr(_TRANSPOSED[op.type]) else -1]
    else:
        return 0
    return size * math.prod(op.outputs[0].shape)


_TRANSPOSED = {"MatMul": "transpose_a", "BatchMatMulV2": "adj_x"}
