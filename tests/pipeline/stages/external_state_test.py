"""A state that comes back from another runtime becomes an ordinary model."""

import json
import shutil

import numpy as np
import pytest

from ebm_tf import files
from ebm_tf.energy.build import load_energy
from pipeline.commands import sample as sample_command
from pipeline.commands import train as train_command
from pipeline.stages import command_lines
from pipeline.store import artifacts

pytestmark = pytest.mark.shard_group("exported_update")


@pytest.fixture(scope="module")
def state(exported_update):
    """What a runner would leave: the first state with other averages, at the end."""
    with np.load(exported_update / "update" / "state.npz") as file:
        arrays = dict(file)
    for name in arrays:
        if name.endswith("_average"):
            arrays[name] = np.full_like(arrays[name], 0.25)
    arrays["replay/states"] = np.full_like(arrays["replay/states"], 7)
    arrays["adam/iteration"] = np.array(8)
    digest = files.sha256(exported_update / "update" / "update.mlir")
    return arrays | {"program": np.array(digest)}


@pytest.fixture
def came_back(exported_update, state, tmp_path):
    """Returns `(changes) -> words of the command`; what is None is left out."""
    shutil.copytree(exported_update, tmp_path / "run")

    def words(**changes):
        arrays = {k: v for k, v in (state | changes).items() if v is not None}
        path = tmp_path / "state.npz"
        np.savez(path, **arrays)
        run = tmp_path / "run"
        files = (f"--state={path}", f"--out={run}", f"--examples={run}/examples")
        return (*files, "--seed=3")

    return words


def test_a_model_that_sample_takes(came_back, exported_update, tmp_path, ended):
    words = came_back()
    code, out, err = ended(train_command.main, *words)
    run = tmp_path / "run"
    assert code == 0, err
    assert f"{tmp_path}/state.npz is taken over after update 8" in out
    model = artifacts.load(str(run / "model"), "model")
    update = artifacts.load(str(exported_update / "update"), "update")
    assert model.manifest["inputs"]["update"]["digest"] == update.digest
    assert model.details["updates"] == 8
    note = json.loads((run / "model" / "carried.json").read_text())
    digest = files.sha256(tmp_path / "state.npz")
    assert note == {"state": digest, "update": update.digest}
    examples = artifacts.peek(str(run / "examples"), "examples")
    again = command_lines.train_command(model, examples)
    assert f"--state={tmp_path}/state.npz" in again and "--seed=3" in again
    # The model is the moving average of the state; the buffer is the state's.
    energy = load_energy(model.file("model.keras"))
    # It began at zero, and is that of 8 updates with a decay of 0.995.
    average = 0.25 / (1.0 - 0.995**8)
    for weight in energy.trainable_weights:
        np.testing.assert_allclose(weight, np.full(weight.shape, average), rtol=1e-6)
    assert (np.load(model.file("replay.npy")) == 7).all()
    code, out, _ = ended(train_command.main, *words)
    assert code == 0 and "model is there already, made by this request" in out
    code, _, err = ended(
        train_command.main, *came_back(seed=np.array([1, 2], np.int32))
    )
    assert code == 2 and "was made from another state" in err
    args = ("--num=2", "--set=sample.sampler.num_steps=2", "--set=strip_frames=2")
    assert ended(sample_command.main, f"--out={run}", *args)[0] == 0


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"program": np.array("other")}, "`state[program]` must be that of the prog"),
        ({"energy/head/bias": None}, "without ['energy/head/bias']"),
        ({"adam/iteration": np.array(8.0)}, "must be int64 []"),
    ],
)
def test_another_state_is_refused(came_back, tmp_path, ended, changes, text):
    code, _, err = ended(train_command.main, *came_back(**changes))
    assert (code, err.count("\n")) == (2, 1)
    assert text in err
    assert not (tmp_path / "run" / "model").exists()


def test_another_training_is_refused(came_back, tmp_path, ended):
    words = came_back()
    code, _, err = ended(train_command.main, *words, "--set=train.batch_size=9")
    assert code == 2 and "train.batch_size was 8, asked 9" in err
    code, _, err = ended(train_command.main, *words[:3])
    assert code == 2 and "seed was 3, asked 0" in err
    (tmp_path / "state.npz").write_bytes(b"PK no archive")
    code, _, err = ended(train_command.main, *words)
    assert (code, err.count("\n")) == (2, 1) and "state.npz` must be a whole ZIP" in err
    code, _, err = ended(train_command.main, "--state=/no/such", *words[1:])
    assert code == 2 and "/no/such" in err
