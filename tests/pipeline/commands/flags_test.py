"""What flags add up to: settings, seed, paths."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from ebm_tf import checks, settings
from pipeline.commands import flags
from pipeline.commands import train as train_command
from pipeline.console import cli
from pipeline.settings import overrides, presets
from pipeline.settings.config import RunConfig
from pipeline.store import artifacts


def resolve(*args, names=("data_dir", "examples", "model", "strategy")):
    return flags.resolve(cli.parse("demo", flags.of_stage(*names), args))


def make_model(path, *changes):
    """Writes a model artifact of preset `mnist` that holds nothing."""
    data = overrides.apply_overrides(presets.read_preset("mnist")[1], changes)
    with artifacts.writing(str(path), "model", data, {}, 0):
        pass


def test_flags_come_in_one_order_everywhere():
    names = [flag.name for flag in flags.of_stage("strategy", "model", "data_dir")]
    assert names == [
        "dataset",
        "preset",
        "set",
        "import",
        "data_dir",
        "model",
        "out",
        "seed",
        "strategy",
    ]


@pytest.mark.parametrize(
    "dataset, preset",
    [("mnist", "mnist"), ("cifar10", "cifar10_conditional")],
)
def test_dataset_picks_the_preset_and_the_run_folder(dataset, preset):
    request = resolve(f"--dataset={dataset}")
    assert settings.to_dict(request.config) == presets.read_preset(preset)[1]
    assert request.out == os.path.join("runs", preset)
    assert request.seed == 0
    assert request.output("model") == os.path.join("runs", preset, "model")


def test_preset_wins_and_dataset_is_what_it_runs_on():
    request = resolve("--dataset=fashion_mnist", "--preset=mnist_paper", "--seed=3")
    assert request.config.energy.filters == 64
    assert request.config.ingest.dataset == "fashion_mnist"
    assert request.out == os.path.join("runs", "mnist_paper")
    assert request.seed == 3


def test_preset_may_be_a_file(tmp_path):
    path = tmp_path / "mine.json"
    data = presets.read_preset("mnist")[1]
    data["train"]["num_updates"] = 11
    path.write_text(json.dumps(data))
    request = resolve(f"--preset={path}")
    assert request.config.train.num_updates == 11
    assert request.out == os.path.join("runs", "mine")


def test_set_changes_fields_in_order():
    request = resolve(
        "--dataset=mnist",
        "--set=train.num_updates=7",
        "--set=l2_weight=2",
        "--set=train.objective.langevin.grad_clip=0.5",
        "--set=l2_weight=3",
        '--set=tasks=["energies"]',
    )
    assert request.config.train.num_updates == 7
    assert request.config.train.objective.l2_weight == 3.0
    assert request.config.train.objective.langevin.grad_clip == 0.5
    assert request.config.sample.sampler.grad_clip is None
    assert request.config.evaluate.tasks == ("energies",)


def test_inputs_are_the_flags_or_the_runs_own():
    request = resolve("--dataset=mnist", "--out=/run", "--examples=/elsewhere")
    assert request.input("examples") == "/elsewhere"
    assert request.input("model") == "/run/model"


def test_settings_come_from_the_run_or_the_model(tmp_path):
    make_model(tmp_path / "run" / "model", "filters=8")
    by_run = resolve(f"--out={tmp_path / 'run'}")
    assert by_run.config.energy.filters == 8
    by_model = resolve(f"--model={tmp_path / 'run' / 'model'}")
    assert by_model.config == by_run.config
    assert by_model.out == str(tmp_path / "run")
    elsewhere = resolve(f"--model={tmp_path / 'run' / 'model'}", "--out=/else")
    assert elsewhere.out == "/else"
    assert elsewhere.config == by_run.config


def test_sections_that_a_command_does_not_need_are_not_read(tmp_path):
    data = presets.read_preset("mnist")[1] | {"export": {"no_such": 1}}
    del data["studies"], data["sample"]["process"]
    with artifacts.writing(str(tmp_path / "model"), "model", data, {}, 0):
        pass
    words = [f"--out={tmp_path}", "--set=sample.process=null", "--set=png_files=true"]
    values = cli.parse("demo", flags.of_stage("model"), words)
    request = flags.resolve(values, ("sample",))
    assert request.config.sample.png_files is True
    assert request.config.sample.process is None
    assert not hasattr(request.config, "train")
    shown = json.loads(request.described())["config"]
    assert shown == data | {"sample": settings.to_dict(request.config.sample)}
    with pytest.raises(checks.InvalidValueError, match="`export` has no field"):
        flags.resolve(values, ("export",))
    with pytest.raises(checks.InvalidValueError, match="no field `no_such`|lacks the"):
        flags.resolve(values)


def test_settings_come_from_unfinished_training(tmp_path):
    data = overrides.apply_overrides(presets.read_preset("mnist")[1], ["filters=8"])
    path = str(tmp_path / "model")
    resuming = artifacts.resuming(path, "model", data, {}, 0)
    with pytest.raises(ZeroDivisionError), resuming as scratch:
        pathlib.Path(scratch.folder, "x").touch()
        raise ZeroDivisionError
    request = resolve(f"--out={tmp_path}", names=("examples",))
    assert request.config == settings.from_dict(RunConfig, data)


def test_model_of_another_network_is_refused(tmp_path):
    make_model(tmp_path / "model", "filters=8")
    out = f"--out={tmp_path}"
    with pytest.raises(checks.InvalidValueError, match="filters was 8, asked 32"):
        resolve("--dataset=mnist", out)
    with pytest.raises(checks.InvalidValueError, match="another network: energy.kind"):
        resolve("--dataset=cifar10", out)
    assert resolve("--dataset=mnist", "--set=filters=8", out)


@pytest.mark.parametrize(
    "args, text",
    [
        ([], "give --dataset, --preset or --out"),
        (["--out=/none"], "no model at /none/model to take the settings from"),
        (["--model=/none"], "no model at /none to take the settings from"),
        (
            ["--dataset=imagenet"],
            "`dataset` must be one of arrays, celeb_a, cifar10, cifar100",
        ),
        (
            ["--preset=nope"],
            "`preset` must be one of arrays, celeba_attribute, cifar100",
        ),
        (["--preset=/no/such.json"], "file does not exist: /no/such.json"),
        (["--dataset=mnist", "--set=nope=1"], "--set names no field: nope"),
        (
            ["--dataset=mnist", "--set=num_steps=1"],
            "several fields: train.objective.langevin.num_steps, "
            "sample.sampler.num_steps",
        ),
        (
            ["--dataset=mnist", "--set=l2_weight=-1"],
            "`train.objective.l2_weight` must be",
        ),
        (["--dataset=mnist", "--set=l2_weight=x"], "must be a number"),
    ],
)
def test_bad_request_is_one_line(args, text):
    with pytest.raises(checks.InputError) as caught:
        resolve(*args)
    assert text in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change, text",
    [
        ({"extra": 1}, "the configuration has no field `extra`"),
        ({"train": {}}, "`train` lacks the field `num_updates`"),
        (
            {
                "export": {
                    "max_num": 0,
                    "max_steps": 1,
                    "dtype": "float32",
                    "stablehlo": None,
                }
            },
            "`export.max_num` must be",
        ),
    ],
)
def test_bad_preset_is_named(tmp_path, change, text):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(presets.read_preset("mnist")[1] | change))
    with pytest.raises(checks.InputError) as caught:
        resolve(f"--preset={path}")
    assert str(path) in str(caught.value) and text in str(caught.value)


def test_preset_help_lists_presets(capfd):
    with pytest.raises(SystemExit) as caught:
        resolve("--preset=help")
    assert caught.value.code == 0
    lines = capfd.readouterr().out.splitlines()
    names = presets.preset_names()
    assert [line.split()[0] for line in lines[1 : len(names) + 1]] == names


def test_commands_do_not_import_heavy_packages():
    # A command whose output is made must end at once.
    script = (
        "import sys\n"
        "from pipeline.commands import board, ingest, train\n"
        "heavy = {'tensorflow', 'keras', 'matplotlib', 'tensorboard', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert found.stdout == "[]\n"


def test_dry_run_prints_the_settings_and_does_nothing(ended, tmp_path):
    out = tmp_path / "run"
    args = ["--dataset=digits", f"--out={out}", "--dry_run", "--seed=3"]
    code, text, err = ended(train_command.main, *args, "--set=train.num_updates=7")
    assert (code, err) == (0, "")
    shown = json.loads(text)
    assert shown["config"]["train"]["num_updates"] == 7
    assert shown["config"]["energy"] == presets.read_preset("digits")[1]["energy"]
    assert shown["seed"] == 3 and shown["out"] == str(out)
    assert not out.exists()
    code, text, err = ended(train_command.main, *args, "--set=sample.batch_size=0")
    assert (code, text) == (2, "") and "sample.batch_size" in err
