"""Reading what a run wrote for TensorBoard."""

import os
from collections.abc import Iterator

import numpy as np
import tensorflow as tf


def values(folder: str) -> Iterator[tuple[str, int, np.ndarray]]:
    """Yields tag, step and value of every point in the event files of `folder`."""
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        for event in tf.compat.v1.train.summary_iterator(path):
            for value in event.summary.value:
                yield value.tag, event.step, tf.make_ndarray(value.tensor)
