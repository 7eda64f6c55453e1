"""The stage `export_update` and its command."""

import json

import numpy as np
import pytest

from ebm_tf.data.batches import update_indices
from pipeline.commands import export_update as export_update_command
from pipeline.store import artifacts

pytestmark = pytest.mark.shard_group("exported_update")


def test_everything_that_a_training_needs_is_there(exported_update):
    made = artifacts.load(str(exported_update / "update"), "update")
    assert set(made.manifest["files"]) == {
        "update.mlir",
        "arguments.json",
        "state.npz",
        "order.npy",
    }
    listed = json.loads((exported_update / "update" / "arguments.json").read_text())
    assert made.details == listed | {"num_updates": 8, "num_examples": 90}
    names = [spec["name"] for spec in listed["arguments"]]
    assert names[:2] == ["images", "seed"]  # an unconditional model: no labels
    assert set(np.load(made.file("state.npz")).files) == set(names[1:])
    assert made.config["sample"]["num_samples"] > 0  # the settings of the whole run


def test_the_order_is_that_of_train(exported_update):
    order = np.load(exported_update / "update" / "order.npy")
    assert order.shape == (8, 8)
    for update in range(8):
        np.testing.assert_array_equal(order[update], update_indices(update, 3, 8, 90))


def test_what_is_there_is_not_made_again(exported_update, ended):
    words = (f"--examples={exported_update}/examples", f"--out={exported_update}")
    code, _, err = ended(export_update_command.main, "--preset=mnist", *words)
    assert code == 2 and err.count("\n") == 1
    assert "was made by another request" in err


def test_a_base_is_fitted_before_the_export(exported_update, tmp_path):
    """No update changes it: a program without it would train beside another density."""
    changes = ("widths=[4]", "middle_blocks=1", "embedding=4", "train.num_updates=2")
    words = [f"--set={change}" for change in (*changes, "train.batch_size=4")]
    examples = f"--examples={exported_update}/examples"
    export_update_command.main(
        ["--preset=mnist_score", *words, examples, f"--out={tmp_path}"]
    )
    with np.load(tmp_path / "update" / "state.npz") as file:
        edges, heights = file["energy/base_edges"], file["energy/base_heights"]
    assert np.ptp(heights) > 0
    # Densities over groups of levels: a histogram of each pixel that adds to 1.
    np.testing.assert_allclose(np.sum(heights * np.diff(edges), -1), 1.0, rtol=1e-4)
