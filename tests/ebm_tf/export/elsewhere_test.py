"""The SavedModel in programs that know nothing of this project."""

import os
import subprocess
import sys

import numpy as np
import tensorflow as tf
from tensorflow.python.tools import saved_model_cli

CLIENT = """
import importlib.util, sys
import numpy as np
import tensorflow as tf
from tensorflow.python.tools import saved_model_cli
assert importlib.util.find_spec("ebm_tf") is None
sample = tf.saved_model.load(sys.argv[1]).signatures["sample"]
images = sample(
    num=tf.constant(3),
    labels=tf.constant([0, 1, 2]),
    seed=tf.constant([7, 0]),
    num_steps=tf.constant(4),
)["images"]
np.save(sys.argv[2], images)
"""


def test_it_samples_in_a_process_that_cannot_import_ebm_tf(conditional, tmp_path):
    _, _, loaded, folder = conditional
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    # -I ignores PYTHONPATH, the user's packages and the current folder.
    result = subprocess.run(
        [sys.executable, "-I", "-c", CLIENT, str(folder / "1"), "images.npy"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    expected = loaded.signatures["sample"](
        num=tf.constant(3),
        labels=tf.constant([0, 1, 2]),
        seed=tf.constant([7, 0]),
        num_steps=tf.constant(4),
    )["images"]
    np.testing.assert_array_equal(np.load(tmp_path / "images.npy"), expected)


def run_cli(*words):
    """Runs TensorFlow's saved_model_cli in this process."""
    argv, sys.argv = sys.argv, ["saved_model_cli", *words]
    try:
        saved_model_cli.main()
    except SystemExit as error:
        assert not error.code
    finally:
        sys.argv = argv


def test_saved_model_cli_shows_and_runs_it(unconditional, tmp_path, capfd):
    _, _, loaded, folder = unconditional
    model = f"--dir={folder / '1'}"
    run_cli("show", model, "--tag_set=serve", "--signature_def=sample")
    shown = capfd.readouterr().out
    for name in ("num", "seed", "num_steps", "images"):
        assert f"['{name}'] tensor_info" in shown
    run_cli(
        "run",
        model,
        "--tag_set=serve",
        "--signature_def=sample",
        "--input_exprs=num=2;seed=[7,0];num_steps=3",
        f"--outdir={tmp_path}",
    )
    expected = loaded.signatures["sample"](
        num=tf.constant(2), seed=tf.constant([7, 0]), num_steps=tf.constant(3)
    )
    np.testing.assert_array_equal(np.load(tmp_path / "images.npy"), expected["images"])
