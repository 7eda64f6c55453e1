"""Settings for every test process, made before TensorFlow is imported."""

import os
import tempfile

# Quiet, on the CPU, and the same whatever the user's own Keras settings are.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("KERAS_HOME", tempfile.mkdtemp(prefix="keras_home_"))
# The home folder of a sandbox cannot be written, which Matplotlib warns of.
os.environ.setdefault("MPLCONFIGDIR", tempfile.mkdtemp(prefix="matplotlib_"))
