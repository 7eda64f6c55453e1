"""The stage and its command on the tiny model."""

import os

import numpy as np
import pytest

from ebm_tf import json_files
from ebm_tf.analysis.config import SaturationConfig
from pipeline.commands import saturation as saturation_command
from pipeline.stages import saturation
from pipeline.store import artifacts
from tests import tiny_model

CONFIG = SaturationConfig(
    num_chains=4, num_steps=16, every=2, num_shown=2, num_frames=3
)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "conditional"])
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    model = tiny_model.make(folder, request.param)
    sampler = tiny_model.run_config(False).sample.sampler
    out = str(folder / "saturation")
    return model, saturation.run(model, out, CONFIG, sampler, seed=0), sampler


def test_it_holds_numbers_and_pictures(made):
    _, artifact, _ = made
    looks = json_files.read_json(artifact.file("looks.json"))
    assert looks["steps"] == list(range(0, 17, 2))
    assert set(looks) == {"steps", "accept_prob", *saturation.CURVES}
    assert all(len(values) == 9 for values in looks.values())
    assert artifact.details["last"]["energy"] == looks["energy"][-1]
    assert looks["energy"][-1] < looks["energy"][0]
    assert set(artifact.details["settled"]) >= {"r_hat", "ess", "energy_r_hat"}
    strip = np.load(artifact.file("strip.npy"))
    assert strip.shape == (3, 2, *tiny_model.SHAPE)
    pictures = {f"{name}.png" for name in (*saturation.CURVES, "strip")}
    assert pictures <= set(os.listdir(artifact.path))
    assert artifact.config["sampler"]["num_steps"] == 16


def test_the_same_request_again_returns_at_once(made, capsys):
    model, artifact, sampler = made
    again = saturation.run(model, artifact.path, CONFIG, sampler, seed=0)
    assert again.digest == artifact.digest
    assert "is there already" in capsys.readouterr().out
    with pytest.raises(ValueError, match="seed was 0, asked 1"):
        saturation.run(model, artifact.path, CONFIG, sampler, seed=1)


def test_the_command_finds_the_run_s_model(tmp_path, capsys):
    tiny_model.make(tmp_path, conditional=False)
    changes = {"num_chains": 2, "num_steps": 8, "every": 1, "num_shown": 1}
    words = [f"--set=saturation.{name}={value}" for name, value in changes.items()]
    words.append("--set=saturation.num_frames=2")
    saturation_command.main([f"--out={tmp_path}", *words])
    expected = f"saturation: wrote {tmp_path}/saturation\n"
    assert capsys.readouterr().out.endswith(expected)
    made = artifacts.load(str(tmp_path / "saturation"), "saturation")
    assert made.config["saturation"]["num_steps"] == 8


def test_a_missing_model_ends_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as exit_info:
        saturation_command.main(["--dataset=mnist", f"--out={tmp_path / 'run'}"])
    assert exit_info.value.code == 2
    expected = f"saturation: there is no `model` at {tmp_path}/run/model\n"
    assert capsys.readouterr().err == expected
