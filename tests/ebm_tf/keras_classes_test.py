"""`keras.models.load_model` finds the classes after `import ebm_tf`, in any order."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.energy.build import build_energy, save_energy
from tests import tiny_model

LOADS = """
import sys
sys.path[:0] = {path!r}
{imports}
energy = keras.models.load_model({model!r})
print(type(energy).__name__, float(energy(tensorflow.ones((1, 8, 8, 1)))[0]))
"""


@pytest.mark.parametrize(
    "imports", ["import ebm_tf, tensorflow, keras", "import keras, tensorflow, ebm_tf"]
)
def test_keras_loads_what_was_saved(tmp_path, imports):
    energy = build_energy(tiny_model.run_config(False).energy, tiny_model.SHAPE, 0)
    path = str(tmp_path / "mine.keras")
    save_energy(energy, path)
    code = LOADS.format(path=sys.path, imports=imports, model=path)
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    name, value = ran.stdout.split()
    assert name == "ConvEnergy"
    wanted = float(energy(tf.ones((1, *tiny_model.SHAPE)))[0])
    np.testing.assert_allclose(float(value), wanted, rtol=1e-5)
