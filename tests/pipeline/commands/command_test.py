"""What commands that make artifacts share."""

import importlib
import json

import pytest

from pipeline.commands import command, flags
from pipeline.settings import presets
from pipeline.store import replacement

OWN = flags.of_stage("data_dir")


def told(request):
    print(replacement.is_on(), request.config.train.num_updates)


def demo(*args, **options):
    made = command.StageCommand(
        name="demo", summary="shows.", flags=OWN, body=told, **options
    )
    made(args)


def test_replacing_is_asked_for_or_always_on(capsys):
    demo("--dataset=mnist")
    demo("--dataset=mnist", "--replace")
    demo("--dataset=mnist", replaces=True)
    assert capsys.readouterr().out == "False 10000\nTrue 10000\nTrue 10000\n"
    assert replacement.is_on() is False
    with pytest.raises(SystemExit) as caught:
        demo("--dataset=mnist", "--replace", replaces=True)
    assert caught.value.code == 2


def test_flags_of_a_command_stand_for_settings(capsys):
    demo("--dataset=mnist", shorts=lambda values: ["train.num_updates=7"])
    assert capsys.readouterr().out == "False 7\n"


def test_dry_run_checks_what_the_run_would(capsys, tmp_path):
    """Every command, given what its stage refuses, refuses it too."""
    wrong = {
        "train": ["--preset=mnist", "--examples=/no/such", f"--out={tmp_path}/a"],
        "ingest": ["--dataset=mnist", "--data_dir=/no/such", f"--out={tmp_path}/a"],
        "all": ["--dataset=mnist", "--data_dir=/no/such", f"--out={tmp_path}/a"],
        "sample": ["--preset=mnist", "--model=/no/such", f"--out={tmp_path}/a"],
        "evaluate": ["--preset=mnist", "--model=/no/such", f"--out={tmp_path}/a"],
        "export": ["--preset=mnist", "--model=/no/such", f"--out={tmp_path}/a"],
        "saturation": ["--preset=mnist", "--model=/no/such", f"--out={tmp_path}/a"],
        "study": ["--study=table7", "--data_dir=/no/such", f"--out={tmp_path}/a"],
        "sweep": ["--preset=mnist", f"--out={tmp_path}/a"],
        "classifier": ["--preset=mnist", "--examples=/no/such", f"--out={tmp_path}/a"],
        "export_update": ["--preset=mnist", "--examples=/no", f"--out={tmp_path}/a"],
    }
    for name, args in wrong.items():
        main = importlib.import_module(f"pipeline.commands.{name}").main
        with pytest.raises(SystemExit) as caught:
            main([*args, "--dry_run"])
        out, err = capsys.readouterr()
        assert (caught.value.code, out) == (2, ""), name
        text = "/no" if name != "sweep" else "give --search=FILE"
        assert text in err and err.count("\n") == 1, (name, err)
    with pytest.raises(SystemExit):
        train = importlib.import_module("pipeline.commands.train").main
        train(["--preset=mnist", "--strategy=tpu", "--dry_run"])
    assert "`strategy` must be one of auto" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_dry_run_prints_the_settings_and_runs_nothing(capsys):
    demo("--dataset=mnist", "--dry_run", "--seed=3")
    shown = json.loads(capsys.readouterr().out)
    assert shown["config"] == presets.read_preset("mnist")[1]
    assert shown["seed"] == 3
