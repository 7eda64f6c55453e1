"""The stage and its command on the tiny model."""

import dataclasses
import os

import numpy as np
import pytest

from ebm_tf import checks, json_files, registry
from ebm_tf.studies.contract import Findings
from ebm_tf.studies.saturation import SaturationConfig
from ebm_tf.studies.saturation.findings import CURVES
from pipeline.commands import saturation as saturation_command
from pipeline.commands import study as study_command
from pipeline.stages import study
from pipeline.store import artifacts
from tests import forget, small_run, tiny_model

CONFIG = SaturationConfig(
    num_chains=4, num_steps=16, every=2, num_shown=2, num_frames=3
)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "conditional"])
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    model = tiny_model.make(folder, request.param)
    sampler = tiny_model.run_config(False).sample.sampler
    out = str(folder / "saturation")
    return model, study.run(model, None, out, CONFIG, sampler, seed=0), sampler


def test_it_holds_numbers_and_pictures(made):
    _, artifact, _ = made
    looks = json_files.read_json(artifact.file("looks.json"))
    assert looks["steps"] == list(range(0, 17, 2))
    assert set(looks) == {"steps", "accept_prob", *CURVES}
    assert all(len(values) == 9 for values in looks.values())
    assert artifact.details["last"]["energy"] == looks["energy"][-1]
    assert looks["energy"][-1] < looks["energy"][0]
    assert set(artifact.details["settled"]) >= {"r_hat", "ess", "energy_r_hat"}
    strip = np.load(artifact.file("strip.npy"))
    assert strip.shape == (3, 2, *tiny_model.SHAPE)
    pictures = {f"{name}.png" for name in (*CURVES, "strip")}
    assert pictures <= set(os.listdir(artifact.path))
    assert artifact.config["sampler"]["num_steps"] == 16


def test_the_same_request_again_returns_at_once(made, capsys):
    model, artifact, sampler = made
    again = study.run(model, None, artifact.path, CONFIG, sampler, seed=0)
    assert again.digest == artifact.digest
    assert "is there already" in capsys.readouterr().out
    with pytest.raises(ValueError, match="seed was 0, asked 1"):
        study.run(model, None, artifact.path, CONFIG, sampler, seed=1)


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


def test_study_by_its_name_is_the_same_artifact(tmp_path, capsys):
    tiny_model.make(tmp_path, conditional=False)
    names = ("num_chains", "num_steps", "every", "num_shown", "num_frames")
    values = (2, 8, 1, 1, 2)
    words = [f"--set=saturation.{n}={v}" for n, v in zip(names, values)]
    saturation_command.main([f"--out={tmp_path}", *words])
    capsys.readouterr()
    study_command.main(["--study=saturation", f"--out={tmp_path}", *words])
    path = tmp_path / "saturation"
    expected = f"saturation: {path} is there already, made by this request\n"
    assert capsys.readouterr().out == expected


@pytest.fixture
def own():
    """The study of a module of a user's own, as `--import` registers it."""
    with forget.registered():
        registry.import_module("tests.plugins.own_study")
        yield "own"


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    tiny_model.make(folder, conditional=False)
    small_run.make_examples(folder)
    return folder


def test_a_study_of_one_file_is_run_by_the_command(own, run_folder, capsys):
    words = [f"--study={own}", f"--out={run_folder}", "--set=studies.own.num=3"]
    study_command.main(words)
    assert capsys.readouterr().out.endswith(f"own: wrote {run_folder}/own\n")
    made = artifacts.load(str(run_folder / "own"), "own")
    files = {"gap.json", "energies.png", "energies.npy"}
    assert set(made.manifest["files"]) == files
    assert made.config["own"] == {"kind": "own", "num": 3}
    assert made.manifest["shown_files"] == ["*.png"]
    assert set(made.manifest["inputs"]) == {"model", "examples"}
    data, noise = np.load(made.file("energies.npy"))
    assert data.shape == (3,)
    table = json_files.read_json(made.file("gap.json"))
    assert table == {"gap": made.details["gap"], "num": 3}
    assert table["gap"] == pytest.approx(data.mean() - noise.mean(), abs=1e-6)
    assert made.manifest["notes"] == {"sampler": "langevin"}
    study_command.main(words)
    assert "is there already" in capsys.readouterr().out


@pytest.mark.parametrize(
    "args, message",
    [
        (["--study=onw"], "(did you mean own?)"),
        (["--study=onw"], ", saturation, "),
        (["--study=own", "--data_dir=x"], "`--data_dir` must be left out: --study=own"),
        (["--study=own", "--strategy=one"], "`--strategy` must be left out"),
        (["--study=table7", "--model=x"], "`--model` must be left out: --study=table7"),
        (["--study=own", "--set=own.num=0"], "`studies.own.num` must be at least 1"),
        (["--study=own", "--set=own.nmu=1"], "did you mean studies.own.num"),
    ],
)
def test_bad_requests_end_in_one_line(own, run_folder, ended, args, message):
    code, out, err = ended(study_command.main, *args, f"--out={run_folder}")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_a_study_of_a_recipe_needs_a_preset_and_no_data(tmp_path, capsys):
    words = ["energy.filters=2", "energy.stem_filters=2", "sampler.num_steps=3"]
    words += ["sample.strip_frames=2"]
    words += ["langevin.num_steps=1", "train.batch_size=2", "costs.num_updates=1"]
    words += ["costs.num_steps=1", "costs.num_chains=2"]
    sets = [f"--set={word}" for word in words]
    study_command.main(["--study=costs", "--preset=digits", f"--out={tmp_path}", *sets])
    assert capsys.readouterr().out == f"costs: wrote {tmp_path}/costs\n"
    made = artifacts.load(str(tmp_path / "costs"), "costs")
    assert made.config["train"]["batch_size"] == 2 and made.manifest["inputs"] == {}
    assert made.manifest["shown_files"] == ["*.png", "costs.json"]
    table = json_files.read_json(made.file("costs.json"))
    assert table["parameters"] == made.details["parameters"] > 0


def test_a_recipe_of_data_whose_shape_is_unknown(tmp_path, ended):
    words = ["--study=costs", "--preset=arrays", f"--out={tmp_path}"]
    code, _, err = ended(study_command.main, *words)
    assert (code, err.count("\n")) == (2, 1)
    assert "`dataset` must be a data set whose state space is known" in err
    code, _, err = ended(study_command.main, "--study=costs", f"--out={tmp_path}")
    assert (code, err.count("\n")) == (2, 1)
    assert "there is no model at" in err and "give --dataset or --preset" in err


def test_a_study_that_needs_examples_says_that_there_are_none(own, tmp_path, ended):
    tiny_model.make(tmp_path, conditional=False)
    code, _, err = ended(study_command.main, f"--study={own}", f"--out={tmp_path}")
    assert code == 2
    assert err == f"study: there is no `examples` at {tmp_path}/examples\n"
    assert not (tmp_path / "own").exists()


class Probe:
    """A study whose findings are given; it is no registered one."""

    needs_model = True
    needs_examples = needs_classifier = needs_samples = needs_recipe = False

    def __init__(self, kind, **found):
        self.kind, self._found = kind, found

    def used_sampler(self, sampler):
        return sampler

    def needs(self, state_bytes, stored_bytes):
        return ()

    def other_examples(self):
        return {}

    def other_models(self):
        return {}

    def require_model(self, shape, num_classes, sampler):
        assert shape == tiny_model.SHAPE

    def run(self, subject):
        assert subject.examples is None
        return Findings(**self._found)


def test_what_a_study_may_be_called(tmp_path):
    for kind in ("model", "a/b", "../x"):
        with pytest.raises(checks.InvalidValueError, match="`kind` must be an ident"):
            study.run("no", None, str(tmp_path / "x"), Probe(kind), None, 0)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "found, error",
    [
        ({"tables": {"manifest": 1}}, "`tables` must be of another file"),
        ({"tables": {"a": float("nan")}}, "not JSON compliant"),
        ({"arrays": {"a": np.array([None])}}, "`array` must be of numbers"),
    ],
)
def test_findings_that_are_none_leave_nothing(run_folder, tmp_path, found, error):
    sampler = tiny_model.run_config(False).sample.sampler
    out = str(tmp_path / "probe")
    probe = dataclasses.make_dataclass("P", [], bases=(Probe,), init=False)
    with pytest.raises(ValueError, match=error):
        study.run(
            str(run_folder / "model"), None, out, probe("probe", **found), sampler, 0
        )
    assert not os.path.exists(out)


def test_tables_and_arrays_that_only_show_are_outside_the_digest(run_folder, tmp_path):
    sampler = tiny_model.run_config(False).sample.sampler
    probe = dataclasses.make_dataclass("P", [], bases=(Probe,), init=False)

    def digest(name, value, shown):
        found = {"tables": {"a": value}, "arrays": {"b": np.full(2, value)}}
        config = probe("probe", **found, shown=shown)
        path = str(tmp_path / name)
        return study.run(
            str(run_folder / "model"), None, path, config, sampler, 0
        ).digest

    assert digest("1", 1, ("a", "b")) == digest("2", 2, ("a", "b"))
    assert digest("3", 1, ("a",)) != digest("4", 2, ("a",))


def test_a_missing_model_ends_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as exit_info:
        saturation_command.main(["--dataset=mnist", f"--out={tmp_path / 'run'}"])
    assert exit_info.value.code == 2
    expected = f"saturation: there is no `model` at {tmp_path}/run/model\n"
    assert capsys.readouterr().err == expected
