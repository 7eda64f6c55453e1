"""The paper's tables, on miniature data."""

import json

import numpy as np
import pytest

from ebm_tf import settings
from ebm_tf.likelihood import replicates, reported
from pipeline.commands import study as study_command
from pipeline.experiments import tables
from pipeline.settings import presets
from pipeline.settings.config import RunConfig
from pipeline.store import artifacts
from tests import miniature

SMALL = (
    "--set=validation_count=12",
    "--set=filters=4",
    "--set=train.num_updates=2",
    "--set=train.batch_size=8",
    "--set=train.objective.langevin.num_steps=2",
    "--set=train.objective.replay.capacity=32",
    "--set=train.preview_steps=2",
    "--set=train.log_every=2",
    "--set=train.image_every=20",
    "--set=train.checkpoint_every=4",
    "--set=evaluate.likelihood.beta=5.0",
    "--set=evaluate.likelihood.base.kind=truncated_gaussian",
    "--set=evaluate.likelihood.base.num_images=40",
    "--set=evaluate.likelihood.pilot.num_chains=4",
    "--set=evaluate.likelihood.num_temperatures=[3]",
    "--set=evaluate.likelihood.num_chains=4",
    "--set=evaluate.likelihood.num_images=3",
    "--set=evaluate.likelihood.num_replicates=2",
)


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    return miniature.write_mnist(tmp_path_factory.mktemp("mnist"), 64, 32)


@pytest.fixture(scope="module")
def folder(published, tmp_path_factory):
    out = tmp_path_factory.mktemp("study")
    args = [f"--data_dir={published}", f"--out={out}"]
    study_command.main(["--study=table7", *SMALL, *args])
    return out


def mnist():
    return settings.from_dict(RunConfig, presets.read_preset("mnist")[1])


def settings_of(name):
    common = tables.Settings(config=mnist(), data_dir=None, seed=0, strategy="one")
    return tables.configs(name, common)


def test_pcd_is_a_buffer_of_one_batch_without_fresh_noise():
    replay, pcd = settings_of("table7")
    assert replay == mnist()
    assert pcd.train.objective.replay.capacity == pcd.train.batch_size
    assert pcd.train.objective.replay.fresh_prob == 0
    assert pcd.train.optimizer == replay.train.optimizer


def test_table_9_has_five_models_one_of_them_in_both_halves():
    found = [
        (config.train.objective.l2_weight, config.train.objective.langevin.step_size)
        for config in settings_of("table9")
    ]
    assert found == [(0.01, 10), (0.1, 10), (1, 10), (1, 100), (1, 1000)]


def test_the_table_has_the_papers_numbers_beside_ours(folder):
    text = (folder / "table7" / "table.md").read_text()
    lines = text.splitlines()
    assert lines[0].startswith("2 updates of 8 images, 2 runs of 4 forward chains")
    _, *cells = (cell.strip() for cell in lines[4].split("|"))
    assert cells[0].startswith("replay buffer") and cells[1:3] == ["1925", "2218"]
    path = folder / "table7" / "replay_buffer" / "likelihood" / "likelihood.json"
    row = json.loads(path.read_text())["rows"][0]
    assert cells[3] == row["raise"]["text"] and cells[4] == ""
    assert cells[5] == row["ais"]["text"] and cells[5].startswith("at most ")
    # The other row is compared image by image, which is not how the means' errors add.
    _, *cells = (cell.strip() for cell in lines[5].split("|"))
    densities = []
    for name in ("pcd", "replay_buffer"):
        made = folder / "table7" / name / "likelihood" / "images.npz"
        with np.load(made) as arrays:
            densities.append(arrays["raise"])
    assert densities[0].shape == (2, 3)
    difference = replicates.mean_over_images(densities[0] - densities[1])
    assert cells[4] == reported.text(difference) and "±" in cells[4]
    assert cells[9].startswith("at most ") and "±" in cells[10]
    assert any(line.startswith("| independent pixels") for line in text.splitlines())
    pcd = artifacts.load(str(folder / "table7" / "pcd" / "model"), "model")
    assert pcd.config["train"]["objective"]["replay"]["capacity"] == 8


def test_asked_again_nothing_is_made_again(folder, published, capsys):
    args = [f"--data_dir={published}", f"--out={folder}"]
    study_command.main(["--study=table7", *SMALL, *args])
    assert capsys.readouterr().out.count("is there already") == 7


@pytest.mark.parametrize(
    "args, message",
    [
        (["--study=table8"], "`study` must be one of"),
        ([], "`study` must be one of"),
        (
            ["--study=table7", "--strategy=multi_worker"],
            "`--strategy` must be of one worker",
        ),
        (["--study=table9", "--set=train.num_updates=0"], "`train.num_updates` must"),
    ],
)
def test_bad_requests_end_in_one_line(tmp_path, ended, args, message):
    code, out, err = ended(study_command.main, *args, f"--out={tmp_path / 'new'}")
    assert code == 2 and out == "" and err.count("\n") == 1 and message in err
    assert not (tmp_path / "new").exists()
