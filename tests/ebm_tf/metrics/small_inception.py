"""A frozen graph with the names and the operations of the Inception graph of 2015.

Small: an image becomes 8x8, one convolution widens it, and it is pooled. It says that a
TensorFlow of 2015 made it, as the published one does.
"""

import pathlib
from typing import NamedTuple

import numpy as np
import tensorflow as tf

WIDTH, NUM_CLASSES, SIDE = 2048, 6, 8
_OLD = 8  # version of graphs before BatchNormWithGlobalNormalization was removed


class Weights(NamedTuple):
    """Of the graph; arrays in float32."""

    kernel: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    beta: np.ndarray
    gamma: np.ndarray
    logits: np.ndarray


def weights() -> Weights:
    """Returns weights that are always the same."""
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=WIDTH) for _ in range(4))
    mean, variance, beta, gamma = (row.astype(np.float32) for row in rows)
    return Weights(
        rng.normal(size=[1, 1, 3, WIDTH]).astype(np.float32),
        mean,
        np.exp(variance),
        beta,
        gamma,
        rng.normal(size=[WIDTH, NUM_CLASSES]).astype(np.float32) / 50.0,
    )


def write(path: pathlib.Path, last: str = "AvgPool", width: int = WIDTH) -> None:
    """Writes the graph.

    Args:
        path: Where.
        last: Operation that makes `pool_3`; "ReadFile" is one that no network has.
        width: Of the features.
    """
    graph = tf.Graph()
    with graph.as_default():
        drawn = weights()
        kernel, last_kernel = drawn.kernel[..., :width], drawn.logits[:width]
        rows = [tf.constant(row) for row in drawn[1:5]]
        contents = tf.compat.v1.placeholder(tf.string, [], "DecodeJpeg/contents")
        image = tf.cast(tf.image.decode_jpeg(contents, channels=3), tf.float32)
        x = tf.expand_dims(image, 0, name="ExpandDims")
        x = tf.raw_ops.ResizeBilinear(images=x, size=[SIDE, SIDE])
        x = tf.raw_ops.Mul(x=tf.raw_ops.Sub(x=x, y=128.0), y=1.0 / 128.0)
        x = tf.raw_ops.Conv2D(input=x, filter=kernel, strides=[1] * 4, padding="SAME")
        x = tf.nn.relu(x, name="conv")
        if last == "ReadFile":
            text = tf.io.read_file(tf.constant("/etc/hostname"))
            x = x + tf.cast(tf.strings.length(text), tf.float32)
        window = [1, SIDE, SIDE, 1]
        x = tf.nn.avg_pool(x, window, window, "VALID", name="pool_3")
        x = tf.reshape(x, [1, width], name="pool_3/_reshape")
        tf.raw_ops.MatMul(a=x, b=last_kernel, name="softmax/logits/MatMul")
    definition = graph.as_graph_def()
    if last == "AvgPool" and width == WIDTH:
        _normalize(definition, [row.op.name for row in rows])
    path.write_bytes(definition.SerializeToString())


def _normalize(definition, rows: list[str]) -> None:
    """Puts the normalization of 2015 before the activation `conv`."""
    definition.versions.producer = _OLD
    definition.versions.min_consumer = 0
    [relu] = (node for node in definition.node if node.name == "conv")
    norm = definition.node.add(
        name="conv/batchnorm", op="BatchNormWithGlobalNormalization"
    )
    norm.input.extend([relu.input[0], *rows])
    relu.input[0] = norm.name
    norm.attr["T"].type = tf.float32.as_datatype_enum
    norm.attr["variance_epsilon"].f = 0.001
    norm.attr["scale_after_normalization"].b = True


def expected(colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns features and probabilities of 8x8 images, by NumPy in float64."""
    w = Weights(*(each.astype(np.float64) for each in weights()))
    x = ((colours - 128.0) / 128.0) @ w.kernel[0, 0]
    x = w.gamma * (x - w.mean) / np.sqrt(w.variance + 0.001) + w.beta
    features = np.maximum(x, 0.0).mean(axis=(1, 2))
    logits = np.exp(features @ w.logits)
    return features, logits / logits.sum(axis=1, keepdims=True)
