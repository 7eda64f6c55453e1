"""Many trainings with settings of a search, one after the other.

Each trial is the command `train` in a process and a run folder of its own, so that
nothing a trial does, crashes included, ends the others. A trial that is done costs a
look at its manifest; one that was interrupted goes on from its checkpoint.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence

from absl import logging

from ebm_tf import checks, files, json_files, text_table

from ..console import tensorflow_import
from ..store import artifacts
from .trials import NUM_LOOKED_AT, Search, overrides

_NOTE = "search.json"
_TRAIN = "from pipeline.commands import start; start.run('train')"


class TrialsFailed(Exception):
    """Some trials did not end well; the text is one line for the user."""

    exit_code = 1


def run(search: Search, trials: Sequence[dict], out: str, flags: Sequence[str]) -> None:
    """Runs every trial that is not done, then prints a table of all.

    Trial k is the run `out`/trials/k. Its settings and how it ended stand beside its
    logs for TensorBoard's page HParams.

    Args:
        search: What the trials are of.
        trials: Settings of each by field.
        out: Folder of the sweep.
        flags: Of the command `train`, which all trials have in common.

    Raises:
        ValueError: If `out` holds another sweep.
        TrialsFailed: After the table, if some did not end well.
    """
    _claim(out, request_of(search, trials))
    failures = {}
    for index, trial in enumerate(trials):
        folder = trial_folder(out, index)
        if not os.path.exists(os.path.join(folder, "model", artifacts.MANIFEST)):
            print(
                f"sweep: trial {index} of {len(trials)}: {' '.join(overrides(trial))}"
            )
            failure = _train(folder, [*flags, *_sets(trial)])
            if failure:
                failures[index] = failure
                logging.error("sweep: trial %d failed: %s", index, failure)
    _report(search, trials, out, failures)
    if failures:
        raise TrialsFailed(f"{len(failures)} of {len(trials)} trials failed")


def trial_folder(out: str, index: int) -> str:
    """Returns the run folder of a trial."""
    return os.path.join(out, "trials", f"{index:03}")


def _sets(trial: dict) -> list[str]:
    return [f"--set={override}" for override in overrides(trial)]


def request_of(search: Search, trials: Sequence[dict]) -> dict:
    """Returns what a sweep is, as JSON values."""
    asked = {"trials": trials[:NUM_LOOKED_AT], "metrics": list(search.metrics)}
    if len(trials) > NUM_LOOKED_AT:
        asked["num_trials"] = len(trials)
    return asked


def require_same(out: str, request: dict) -> None:
    """Raises ValueError if `out` holds trials of another search."""
    note = os.path.join(out, _NOTE)
    if os.path.exists(note) and json_files.read_json(note) != request:
        raise checks.InvalidValueError(
            f"{out} holds trials of another search. Take another --out, or remove it"
        )


def _claim(out: str, request: dict) -> None:
    """Notes what the trials in `out` are, or compares it with what was noted."""
    require_same(out, request)
    os.makedirs(out, exist_ok=True)
    files.write_text(os.path.join(out, _NOTE), json_files.dump_json(request))


def _train(folder: str, flags: Sequence[str]) -> str | None:
    """Runs the command; returns its last line of complaint if it failed."""
    process = subprocess.Popen(
        [sys.executable, "-c", _TRAIN, *flags, f"--out={folder}"],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        # The progress bar, which is not shown, ends lines by carriage returns.
        lines = process.communicate()[1].replace("\r", "\n").strip().splitlines()
    except BaseException:
        process.terminate()  # it saves first; Ctrl-C has told it already
        process.communicate()
        raise
    if process.returncode == 0:
        return None
    return lines[-1].strip() if lines else f"exit code {process.returncode}"


def _report(search: Search, trials: Sequence[dict], out: str, failures: dict) -> None:
    """Writes what TensorBoard's page HParams reads, and prints the table."""
    tensorflow_import.import_tensorflow()
    from ..stages import hparams

    hparams.write_experiment(os.path.join(out, "trials"), trials, search.metrics)
    rows = [["trial", *search.fields, "end", *search.metrics]]
    for index, trial in enumerate(trials):
        logs, good = (
            os.path.join(trial_folder(out, index), "logs"),
            index not in failures,
        )
        hparams.write_trial(logs, f"{index:03}", trial, good, time.time())
        last = hparams.last_values(os.path.join(logs, "train"), search.metrics)
        shown = [f"{last[tag]:.4g}" if tag in last else "-" for tag in search.metrics]
        end = "done" if good else "failed"
        rows.append([f"{index:03}", *map(str, trial.values()), end, *shown])
    print("\n".join(text_table.lines(rows)))
