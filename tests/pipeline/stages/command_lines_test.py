"""Command lines from manifests: read by the flags, they ask for the same again."""

import dataclasses
import shlex

import pytest

from ebm_tf import settings
from pipeline.commands import flags
from pipeline.console import cli
from pipeline.settings import presets
from pipeline.settings.config import RunConfig
from pipeline.stages import command_lines
from pipeline.store import artifacts
from tests import small_run, tiny_model


def _resolve(line, *names):
    program, run, target, dashes, *words = shlex.split(line)
    assert (program, run, dashes) == ("./bazelw", "run", "--")
    values = cli.parse(target, flags.of_stage(*names), words)
    return target, flags.resolve(values)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a run")
    paths = small_run.make(folder)
    return {kind: artifacts.peek(path, kind) for kind, path in paths.items()}


def test_evaluate_asks_for_the_same_evaluation(run, tmp_path):
    config = small_run.evaluate_config("neighbours")
    line = command_lines.stage_command(
        "evaluate",
        str(tmp_path / "my run" / "evaluation"),
        7,
        run,
        {"evaluate": settings.to_dict(config)},
    )
    target, request = _resolve(line, "examples", "model", "samples")
    assert target == "//pipeline:evaluate"
    assert request.config.evaluate == config and request.seed == 7
    assert request.output("evaluation") == str(tmp_path / "my run" / "evaluation")
    for kind, artifact in run.items():
        assert request.input(kind) == artifact.path


def test_inputs_of_the_same_run_and_the_usual_seed_go_without_saying(run):
    out = run["samples"].path.replace("samples", "evaluation")
    config = run["model"].config["evaluate"]
    line = command_lines.stage_command("evaluate", out, 0, run, {"evaluate": config})
    words = shlex.split(line)
    assert len(words) == 5 and words[4].startswith("--out=")


def test_paths_are_as_typed_where_the_user_stands(run, monkeypatch):
    folder = run["model"].path.removesuffix("/model")
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", folder.rpartition("/")[0])
    out = f"{folder}/evaluation"
    line = command_lines.stage_command("evaluate", out, 0, run, {})
    assert shlex.split(line)[-1] == f"--out={folder.rpartition('/')[2]}"


def test_train_names_the_nearest_preset_and_what_differs(tmp_path):
    _, data = presets.read_preset("mnist")
    config = settings.from_dict(RunConfig, data)
    objective = dataclasses.replace(config.train.objective, l2_weight=0.25)
    train = dataclasses.replace(config.train, num_updates=12, objective=objective)
    config = dataclasses.replace(config, train=train)
    examples = small_run.make_examples(tmp_path)
    inputs = {"examples": artifacts.peek(examples, "examples")}
    path = str(tmp_path / "model")
    with artifacts.writing(path, "model", config, inputs, 3):
        pass
    line = command_lines.train_command(
        artifacts.peek(path, "model"), inputs["examples"]
    )
    assert "--preset=mnist " in line and line.count("--set=") == 2
    _, request = _resolve(line, "data_dir", "examples", "strategy")
    assert request.config == config and request.seed == 3


def test_the_same_command_has_what_was_given_and_no_defaults(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", str(tmp_path))
    force = cli.Flag(name="force", group="how", kind="switch", help="Do it.")
    known = (*flags.of_stage("data_dir", "strategy"), force)
    words = ["--dataset=mnist", "--set=filters=8", '--set=tasks=["energies"]']
    words += ["--data_dir=/data/my digits", "--out=run", "--seed=3", "--force"]
    line = command_lines.same_command("all", known, cli.parse("all", known, words))
    assert shlex.split(line) == ["./bazelw", "run", "//pipeline:all", "--", *words]
    words = ["--preset=mnist"]
    line = command_lines.same_command("all", known, cli.parse("all", known, words))
    assert line == "./bazelw run //pipeline:all -- --preset=mnist"


def test_differences_are_dotted_and_of_the_new():
    old = {"a": {"b": 1, "c": [1, 2]}, "d": None, "e": 5}
    new = {"a": {"b": 2, "c": [1, 2]}, "d": {"f": 3}}
    found = list(command_lines.differences(old, new))
    assert found == [("a.b", 2), ("d", {"f": 3})]
    assert list(command_lines.differences(old, old)) == []


def test_a_block_of_another_kind_is_given_whole():
    old = {"sampler": {"kind": "langevin", "num_steps": 3, "noise_std": 0.1}}
    new = {"sampler": {"kind": "hmc", "num_steps": 3}}
    assert list(command_lines.differences(old, new)) == [("sampler", new["sampler"])]


def test_a_network_of_no_preset_is_told_to_bring_its_settings(tmp_path):
    config = settings.to_dict(tiny_model.run_config(False))
    config["energy"]["kind"] = "other"
    examples = small_run.make_examples(tmp_path)
    inputs = {"examples": artifacts.peek(examples, "examples")}
    path = str(tmp_path / "model")
    with artifacts.writing(path, "model", config, inputs, 0):
        pass
    line = command_lines.train_command(
        artifacts.peek(path, "model"), inputs["examples"]
    )
    assert "--preset=SETTINGS.json" in line


def test_training_goes_on_from_its_run_folder(tmp_path):
    names, out = ("data_dir", "examples", "strategy"), tmp_path / "my run"
    examples = str(tmp_path / "examples")
    words = ["--dataset=mnist", "--set=filters=8", "--seed=3", "--strategy=cpu:2"]
    words += [f"--examples={examples}", f"--out={out}"]
    values = cli.parse("train", flags.of_stage(*names), words)
    request = flags.resolve(values)
    path = request.output("model")
    resuming = artifacts.resuming(path, "model", request.config, {}, request.seed)
    with pytest.raises(ZeroDivisionError), resuming as scratch:
        (out / "model.partial" / "checkpoint").touch()
        assert scratch.folder == str(out / "model.partial")
        raise ZeroDivisionError
    line = command_lines.resume_command(values, request.seed, request.out)
    target, again = _resolve(line, *names)
    assert target == "//pipeline:train"
    assert (again.config, again.seed) == (request.config, 3)
    assert again.input("examples") == examples
    assert again.values["strategy"] == "cpu:2"
