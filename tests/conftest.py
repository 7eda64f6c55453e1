"""Settings for every test process, made before TensorFlow is imported."""

import atexit
import gc
import os
import shutil
import tempfile


def _new_folder(name: str) -> str:
    """Returns a folder that goes with the process."""
    path = tempfile.mkdtemp(prefix=f"{name}_")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


# Quiet, on the CPU, and the same whatever the user's own Keras settings are.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("KERAS_HOME", _new_folder("keras_home"))
# The home folder of a sandbox cannot be written, which Matplotlib warns of.
os.environ.setdefault("MPLCONFIGDIR", _new_folder("matplotlib"))


def pytest_collection_finish():
    """Has the collector of garbage look seldom, and never at what was imported.

    Graphs are millions of objects that stay: looking for cycles among them took a tenth
    of the time of tests that trace.
    """
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
