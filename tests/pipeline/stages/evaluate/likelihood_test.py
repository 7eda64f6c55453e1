"""The stage `likelihood`, on a random network of 8x8 pictures."""

import json
import os
import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest

from ebm_tf import settings
from pipeline.settings.config import RunConfig
from pipeline.stages.evaluate import evaluate, likelihood, likelihood_figures, report
from tests import small_run

ROOT = pathlib.Path(__file__).parents[4]
SETTINGS = small_run.LIKELIHOOD


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain")
    examples = small_run.make_examples(folder)
    return small_run.make_model(folder, examples, False), examples


@pytest.fixture(scope="module")
def conditional(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conditional")
    examples = small_run.make_examples(folder)
    return small_run.make_model(folder, examples, True), examples


@pytest.fixture(scope="module")
def made(plain, tmp_path_factory):
    out = tmp_path_factory.mktemp("made") / "likelihood"
    return likelihood.run(*plain, str(out), SETTINGS, 0, "one")


def numbers(artifact):
    return json.loads(pathlib.Path(artifact.file("likelihood.json")).read_text())


def test_numbers_of_both_sides_and_splits(made):
    found = numbers(made)
    assert [(row["num_temperatures"], row["split"]) for row in found["rows"]] == [
        *((6, "test"), (12, "test"), (12, "train"))
    ]
    assert 0 < found["beta"] <= SETTINGS.scan.beta_max
    assert found["uniform"] == {"test": 0.0, "train": 0.0}
    for row in found["rows"]:
        # Two runs of 10 chains have no interval, and so no gap.
        assert row["ais"]["form"] == "at_most" and row["raise"]["form"] == "at_least"
        assert row["gap"] is None and row["ais"]["text"].startswith("at most ")
        bits = 8.0 - row["ais"]["value"] / 64 / np.log(2.0)
        assert row["ais"]["bits"]["value"] == pytest.approx(bits)
        assert row["ais"]["bits"]["text"].startswith("at least ")
        assert row["ais"]["num_chains"] == 10 and row["raise"]["num_chains"] == 8
    assert found["classes"] == []
    with np.load(made.file("path.npz")) as path:
        assert path["ess"].shape == path["accept_prob"].shape == (1, 12)
    with np.load(made.file("scan_base.npz")) as scan:
        assert found["beta"] == scan["betas"][scan["best"]]
    with np.load(made.file("scan_uniform.npz")) as scan:
        assert found["scans"]["uniform"]["beta"] == scan["betas"][scan["best"]]
    [weights] = found["log_weights"]
    assert weights["largest"] > weights["median"]
    ends = np.load(made.file("ends.npy"))
    assert ends.shape == (1, 10, 8, 8, 1) and ends.dtype == np.uint8
    assert set(made.manifest["files"]) == {
        *("ends.npy", "images.npz", "likelihood.json", "path.npz"),
        *("scan_base.npz", "scan_uniform.npz"),
    }


def test_classes_are_mixed_and_told_one_by_one(conditional, tmp_path):
    quick = {"beta": 300.0, "num_temperatures": [6], "num_replicates": 1}
    data = settings.to_dict(SETTINGS) | quick
    config = settings.from_dict(type(SETTINGS), data)
    made = likelihood.run(*conditional, str(tmp_path / "l"), config, 0, "one")
    found = numbers(made)
    assert found["beta"] == 300.0 and found["scans"] == {}
    assert not [name for name in made.manifest["files"] if name.startswith("scan")]
    assert len(found["classes"]) == 3
    with np.load(made.file("path.npz")) as path:
        assert path["betas"].shape == (3, 6)
        assert len(np.unique(path["log_mean"][:, -1])) == 3  # chains of each class


def test_figures_are_drawn(made):
    result = likelihood_figures.result_of(made.path)
    assert set(result.figures) == {
        *("likelihood_bounds", "likelihood_ends", "likelihood_path", "likelihood_scan")
    }
    assert result.metrics == numbers(made)


def test_the_report_has_the_weights_and_both_scans(plain, made, tmp_path):
    model, examples = plain
    samples = small_run.make_samples(tmp_path, model, small_run.pictures(4, 9)[0])
    out = os.path.join(os.path.dirname(made.path), "evaluation_likelihood")
    config = small_run.evaluate_config("likelihood")
    made_report = evaluate.run(model, samples, examples, out, config, 0, "one")
    text = pathlib.Path(made_report.file("report.html")).read_text()
    words = " ".join(text.split())
    found = numbers(made)
    [weights] = found["log_weights"]
    largest, median = (report.number(weights[n], 5) for n in ("largest", "median"))
    assert f"largest {largest}, median {median}." in words
    for start, name in (("uniform", "uniform density"), ("base", "fitted base")):
        beta = report.number(found["scans"][start]["beta"], 3)
        assert f"From the {name}: best at &beta; = {beta}, effective" in words
    [row] = [r for r in found["rows"] if r["counts"] and r["split"] == "test"]
    # The headline is RAISE's, as a bound for the annealed sampler.
    assert f"<strong>{row['raise']['text']}</strong>" in words
    assert "averaged over its 2 runs, and not that of the model" in words
    assert row["ais"]["text"] in words and "No second base and no exact" in words
    assert "below 50" in words and "that it is near 0 proves nothing" in words
    assert "The samples of this report were drawn at &beta; = " in words


def test_killed_and_asked_again_it_goes_on_to_the_same_numbers(plain, made, tmp_path):
    out = tmp_path / "likelihood"
    script = (
        "import os, signal, sys\n"
        "from pipeline.stages.evaluate import likelihood, part_files\n"
        "from tests import small_run\n"
        "write = part_files.PartFiles.__setitem__\n"
        "def write_and_end(self, name, arrays):\n"
        "    write(self, name, arrays)\n"
        "    if name.startswith('forward-6-'): os.kill(os.getpid(), signal.SIGKILL)\n"
        "part_files.PartFiles.__setitem__ = write_and_end\n"
        "likelihood.run(*sys.argv[1:4], small_run.LIKELIHOOD, 0, 'one')\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", script, *plain, str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert process.returncode == -signal.SIGKILL, process.stderr
    parts = tmp_path / "likelihood.partial" / "parts"
    assert not out.exists()
    kept = {path: path.stat().st_mtime_ns for path in parts.glob("*.npz")}
    again = likelihood.run(*plain, str(out), SETTINGS, 0, "one")
    assert numbers(again) == numbers(made)
    assert len(kept) >= 4 and not parts.exists()


def test_the_same_request_again_is_answered_without_tensorflow(plain, made):
    script = (
        "import sys\nfrom pipeline.stages.evaluate import likelihood\n"
        "from tests import small_run\n"
        "likelihood.run(*sys.argv[1:4], small_run.LIKELIHOOD, 0, 'one')\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *plain, made.path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "is there already" in done.stdout


def test_every_preset_says_how():
    from pipeline.settings import presets

    for name in presets.preset_names():
        config = settings.from_dict(RunConfig, presets.read_preset(name)[1])
        assert config.evaluate.likelihood.num_chains >= 100


def test_too_few_images_are_named(plain, tmp_path):
    data = settings.to_dict(SETTINGS)
    data["base"]["num_images"] = 5
    config = settings.from_dict(type(SETTINGS), data)
    with pytest.raises(ValueError, match="`component` must be at least two rows"):
        likelihood.run(*plain, str(tmp_path / "l"), config, 0, "one")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"num_chains": 1}, "`num_chains` must be at least 2"),
        ({"num_images": 1}, "`num_images` must be at least 2"),
        ({"num_temperatures": [9, 9]}, "`num_temperatures` must be non-empty and incr"),
        ({"num_temperatures": []}, "`num_temperatures` must be non-empty"),
        ({"space": "sphere"}, "`space` must be one of"),
        ({"beta": 0.0}, "`beta` must be positive"),
        ({"jitter": 1.0}, "`jitter` must be below 1"),
    ],
)
def test_bad_settings_are_named(changes, message):
    data = settings.to_dict(SETTINGS) | changes
    with pytest.raises(ValueError, match=message):
        settings.from_dict(type(SETTINGS), data)
