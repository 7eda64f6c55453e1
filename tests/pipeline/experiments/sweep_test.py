"""The loop over trials, with a stand-in for the command `train`; and its command."""

import json

import pytest

from pipeline.commands import sweep as sweep_command
from pipeline.experiments import sweep
from pipeline.experiments.trials import Search
from tests.pipeline.event_files import curve, plugin_data

RATE = "train.optimizer.learning_rate"
SEARCH = Search(
    kind="grid", num_trials=None, fields={RATE: [1, 2, 3]}, metrics=("energy/gap",)
)
TRIALS = [{RATE: 1}, {RATE: 2}, {RATE: 3}]
# Notes that it ran; the second trial fails as long as there is no file `mended`.
STAND_IN = """
import os, sys
[out] = [word[6:] for word in sys.argv if word.startswith("--out=")]
os.makedirs(os.path.join(out, "model"), exist_ok=True)
with open(os.path.join(out, "calls"), "a") as file:
    print(*sys.argv[1:], file=file)
mended = os.path.exists(os.path.join(out, "..", "mended"))
if "--set=train.optimizer.learning_rate=2" in sys.argv and not mended:
    sys.exit("train: 10% |###\\rtrain: training diverged: no checkpoint")
with open(os.path.join(out, "model", "manifest.json"), "w") as file:
    file.write("{}")
"""


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.setattr(sweep, "_TRAIN", STAND_IN)


def calls(out):
    paths = sorted((out / "trials").glob("*/calls"))
    return [len(path.read_text().splitlines()) for path in paths]


def test_a_failing_trial_ends_no_other_and_is_tried_again(
    tmp_path, capsys, caplog, stand_in
):
    with pytest.raises(sweep.TrialsFailed, match="1 of 3 trials failed") as failed:
        sweep.run(SEARCH, TRIALS, str(tmp_path), ["--seed=4"])
    assert failed.value.exit_code == 1
    assert caplog.messages == [
        "sweep: trial 1 failed: train: training diverged: no checkpoint"
    ]
    out = capsys.readouterr().out
    assert out.splitlines()[-4:] == [
        f"trial  {RATE}  end     energy/gap",
        "000    1                              done    -",
        "001    2                              failed  -",
        "002    3                              done    -",
    ]
    first = (tmp_path / "trials" / "000" / "calls").read_text()
    folder = tmp_path / "trials" / "000"
    assert first == f"--seed=4 --set={RATE}=1 --out={folder}\n"

    (tmp_path / "trials" / "mended").touch()
    sweep.run(SEARCH, TRIALS, str(tmp_path), ["--seed=4"])
    assert calls(tmp_path) == [1, 2, 1]  # what is done is not done again
    with pytest.raises(ValueError, match="holds trials of another search"):
        sweep.run(SEARCH, TRIALS[:2], str(tmp_path), [])


def test_the_table_has_last_points_and_a_second_call_leaves_nothing_twice(
    tmp_path, capsys, stand_in
):
    logs = tmp_path / "trials" / "000" / "logs" / "train"
    curve(logs, "energy/gap", {1: 0.5, 2: 0.25})
    for _ in range(2):
        with pytest.raises(sweep.TrialsFailed):
            sweep.run(SEARCH, TRIALS, str(tmp_path), [])
    assert capsys.readouterr().out.count("done    0.25") == 2
    for index, status in ((0, 1), (1, 2), (2, 1)):  # success, failure
        start, end = plugin_data(tmp_path / "trials" / f"{index:03}" / "logs")
        assert start.session_start_info.hparams[RATE].number_value == index + 1
        assert end.session_end_info.status == status


def test_the_command_checks_every_trial_first(tmp_path, ended):
    path = tmp_path / "search.json"
    fields = {"train.batch_size": [8, 0]}
    search = {"kind": "grid", "num_trials": None, "fields": fields, "metrics": []}
    path.write_text(json.dumps(search))
    base = ("--preset=mnist", f"--out={tmp_path}/out")
    code, out, err = ended(sweep_command.main, *base, f"--search={path}")
    assert (code, out) == (2, "")
    assert err.startswith("sweep: trial 1: `train.batch_size` must be at least 1")
    assert not (tmp_path / "out").exists()
    code, _, err = ended(sweep_command.main, *base)
    assert (code, err) == (2, "sweep: give --search=FILE\n")


def test_trials_share_the_flags_and_the_examples(tmp_path, monkeypatch):
    seen = {}
    monkeypatch.setattr(sweep, "run", lambda *args: seen.update(args=args))
    path = tmp_path / "search.json"
    search = {"kind": "grid", "num_trials": None, "fields": {RATE: [1]}, "metrics": []}
    path.write_text(json.dumps(search))
    sweep_command.main(
        [
            "--preset=mnist",
            "--set=num_updates=3",
            "--seed=7",
            f"--examples={tmp_path}/examples",
            f"--out={tmp_path}/out",
            f"--search={path}",
        ]
    )
    _, found, out, shared = seen["args"]
    assert list(found) == [{RATE: 1}] and out == f"{tmp_path}/out"
    assert shared == [
        "--preset=mnist",
        "--set=num_updates=3",
        f"--examples={tmp_path}/examples",
        "--seed=7",
        "--strategy=auto",
    ]
