"""Arguments of a StableHLO program, drawn: where only its time is asked for.

Weights and replays of large networks are too large to carry to every machine, and the
time of a program does not depend on them. Needs neither TensorFlow nor ebm_tf.
"""

import os

import numpy as np

from examples.stablehlo_program import Program


def draw(program: Program) -> dict[str, np.ndarray]:
    """Returns an array for every argument: small, so that nothing overflows.

    Floats are at least 0, as an optimizer's second moments are; images are of all
    levels, labels of ten classes, and other whole numbers at least 1.
    """
    rng, found = np.random.default_rng(0), {}
    for spec in program.arguments:
        name, shape = spec["name"], spec["shape"]
        if spec["dtype"].startswith("float"):
            drawn = 0.02 * np.abs(rng.standard_normal(shape))
        elif spec["dtype"] == "uint8":
            drawn = rng.integers(0, 256, shape)
        elif name == "labels" or name.endswith("/labels"):
            drawn = rng.integers(0, 10, shape)
        else:
            drawn = rng.integers(1, 100, shape)
        found[name] = np.asarray(drawn, spec["dtype"])
    return found


def read_or_draw(program: Program, path: str) -> dict[str, np.ndarray]:
    """Returns `draw(program)`, or in its place what the file at `path` holds."""
    found = draw(program)
    if os.path.exists(path):
        with np.load(path) as file:
            found |= dict(file)
    return found
