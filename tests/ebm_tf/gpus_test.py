"""How TensorFlow uses GPUs: settings that are read, applied, and shown or not."""

import subprocess
import sys

import pytest
import tensorflow as tf

from ebm_tf import gpus, settings
from pipeline.settings import presets
from pipeline.settings.config import RunConfig

ONE = """
import sys
sys.path[:0] = {path!r}
import tensorflow as tf
from ebm_tf import gpus
gpus.apply(gpus.GpuConfig(deterministic=True, tf32=False))
try:
    tf.random.uniform([2])  # of no seed: refused where all is determined
except RuntimeError as error:
    print("seed" in str(error))
"""


@pytest.fixture(autouse=True)
def _as_it_was():
    before = tf.config.experimental.tensor_float_32_execution_enabled()
    yield
    tf.config.experimental.enable_tensor_float_32_execution(before)


def test_tf32_is_what_the_settings_say():
    for wanted in (False, True):
        gpus.apply(gpus.GpuConfig(tf32=wanted))
        gpus.apply(None)  # says nothing
        found = tf.config.experimental.tensor_float_32_execution_enabled()
        assert found is wanted


def test_determinism_is_tensorflows_own():
    words = [sys.executable, "-c", ONE.format(path=sys.path)]
    assert subprocess.run(words, capture_output=True, text=True).stdout == "True\n"


def test_three_sections_of_the_settings_have_it():
    _, data = presets.read_preset("digits")
    block = {"memory_growth": True, "deterministic": True}
    for section in ("train", "sample", "evaluate"):
        assert data[section]["gpu"] is None
        config = settings.from_dict(
            RunConfig, data | {section: data[section] | {"gpu": block}}
        )
        found = getattr(config, section)
        assert found.gpu == gpus.GpuConfig(memory_growth=True, deterministic=True)
        # Taking memory as it is needed changes no number.
        assert "gpu.memory_growth" in settings.display_fields(found)
        assert "gpu.tf32" not in settings.display_fields(found)
