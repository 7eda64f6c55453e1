"""Makes spectral.json: kernels as tensorflow-addons normalizes them.

tensorflow-addons ended with 0.23 and cannot be imported beside Keras 3, so this
runs in an environment of its own, and the values it prints are kept:

    python3.11 -m venv /tmp/addons
    /tmp/addons/bin/pip install "tensorflow-cpu==2.15.*" tensorflow-addons==0.23
    /tmp/addons/bin/python tests/golden/make_spectral_goldens.py

From a kernel and a vector u, the layer's first call in training mode runs
`power_iterations` iterations, divides the kernel by the sigma of the last one and
keeps the last u. There the two definitions agree. From the second call on they do
not: that layer iterates on the kernel it has already divided.
"""

import json
import pathlib

import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa

CASES = (
    ("conv_1", (3, 3, 2, 4), 1),
    ("conv_5", (3, 3, 2, 4), 5),
    ("dense_1", (5, 3), 1),
    ("dense_5", (5, 3), 5),
)


def as_list(array):
    """Returns float32 values that JSON gives back exactly."""
    return np.asarray(array, np.float32).tolist()


def make_case(index, shape, power_iterations):
    """Returns the golden values of one layer."""
    draw = np.random.default_rng(index)
    kernel = draw.standard_normal(shape).astype(np.float32)
    u = draw.standard_normal(shape[-1:]).astype(np.float32)
    if len(shape) == 4:
        layer = tf.keras.layers.Conv2D(shape[-1], shape[0], padding="same")
        x = tf.zeros((1, 4, 4, shape[2]))
    else:
        layer = tf.keras.layers.Dense(shape[-1])
        x = tf.zeros((1, shape[0]))
    spectral = tfa.layers.SpectralNormalization(layer, power_iterations)
    spectral.build(x.shape)
    layer.kernel.assign(kernel)
    spectral.u.assign(u[None])
    spectral(x, training=True)
    return {
        "power_iterations": power_iterations,
        "kernel": as_list(kernel),
        "u": as_list(u),
        "normalized_kernel": as_list(layer.kernel),
        "next_u": as_list(spectral.u[0]),
    }


def main():
    goldens = {
        "made_with": f"tensorflow-addons {tfa.__version__} on {tf.__version__}",
        "cases": {
            name: make_case(index, shape, power_iterations)
            for index, (name, shape, power_iterations) in enumerate(CASES)
        },
    }
    path = pathlib.Path(__file__).with_name("spectral.json")
    path.write_text(json.dumps(goldens, indent=1) + "\n")


if __name__ == "__main__":
    main()
