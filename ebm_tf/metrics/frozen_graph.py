"""The Inception network of 2015, from the frozen graph that was published then.

Frechet distances and Inception scores of papers are of this graph,
`classify_image_graph_def.pb`: features are its tensor `pool_3`. Its probabilities, 1008
of them, leave out the bias of the last layer, as the code of Salimans et al. does. The
`InceptionV3` of Keras has other weights and other features.

A graph is a program. Only what lies between the image and those tensors is run, and
only if it is made of the operations of such a network.
"""

import os
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from ebm_tf import checks, files

WIDTH = 2048
IMAGE, FEATURES, LOGITS = "ExpandDims:0", "pool_3:0", "softmax/logits/MatMul"
_MAX_BYTES = 1 << 28
_ALLOWED = {
    *("AvgPool", "BatchNormWithGlobalNormalization", "BiasAdd", "CheckNumerics"),
    *("Concat", "ConcatV2", "Const", "Conv2D", "Identity", "MatMul", "MaxPool", "Mul"),
    *("Placeholder", "Relu", "Reshape", "ResizeBilinear", "Softmax", "Sub"),
}


def load(path: str | os.PathLike) -> Callable[[np.ndarray], tuple]:
    """Returns the network in a frozen graph.

    Args:
        path: Of the file.

    Returns:
        From colours, float32 `[B, H, W, 3]` in [0, 255] of any size, which the graph
        enlarges itself, to features `[B, 2048]` and probabilities `[B, classes]`.

    Raises:
        FileNotFoundError: If there is no file.
        ValueError: If it is cut, of another network, or runs anything else.
    """
    content = files.read_bytes(path, _MAX_BYTES)
    graph = tf.Graph()
    try:
        with graph.as_default():
            images, features, logits = _imported(content)
            probs = tf.nn.softmax(logits)
    except Exception as error:  # whatever protobuf and TensorFlow raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        text = f"{os.fspath(path)} holds no Inception graph of 2015 ({reason[:200]})"
        raise checks.InvalidValueError(text) from error
    session = tf.compat.v1.Session(graph=graph)

    def network(colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return session.run((features, probs), {images: colours})

    return network


def _imported(content: bytes) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Imports a graph into the default one; returns images, features and logits."""
    definition = tf.compat.v1.GraphDef.FromString(content)
    images = tf.compat.v1.placeholder(tf.float32, (None, None, None, 3), "images")
    # In place of the tensor that held one decoded image: so there may be many.
    pooled, multiplied = tf.import_graph_def(
        definition,
        input_map={IMAGE: images},
        return_elements=[FEATURES, LOGITS],
        name="",
    )
    weights = multiplied.inputs[1]
    if pooled.shape[1:].num_elements() != WIDTH or weights.shape[0] != WIDTH:
        raise ValueError(f"{FEATURES} is {pooled.shape}, its weights {weights.shape}")
    features = tf.reshape(pooled, (-1, WIDTH))
    logits = tf.matmul(features, weights)
    other = sorted(_run_for(logits.op) - _ALLOWED)
    if other:
        raise ValueError(f"it runs {', '.join(other)}")
    return images, features, logits


def _run_for(operation: tf.Operation) -> set[str]:
    """Returns the kinds of all operations that are run for one."""
    seen, waiting = set(), [operation]
    while waiting:
        each = waiting.pop()
        if each not in seen:
            seen.add(each)
            waiting += [tensor.op for tensor in each.inputs]
            waiting += each.control_inputs
    return {each.type for each in seen}
