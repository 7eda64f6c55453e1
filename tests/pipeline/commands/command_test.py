"""What commands that make artifacts share."""

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


def test_dry_run_prints_the_settings_and_runs_nothing(capsys):
    demo("--dataset=mnist", "--dry_run", "--seed=3")
    shown = json.loads(capsys.readouterr().out)
    assert shown["config"] == presets.read_preset("mnist")[1]
    assert shown["seed"] == 3
