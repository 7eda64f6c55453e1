"""Ends each stage of `all` in turn, repeats the command, and compares the ends.

    ./bazelw run //benchmarks:kill_pipeline -- --signal=TERM

Runs the command `all` on a few drawn bars in a new folder for each stage, ends it by a
signal at a random moment of that stage's work (for `train` and KILL, once a checkpoint
is there; the stage `start` is what comes before the first), and gives the same command
again, which with `--times=N` is ended in its turn. What comes before the stage is a
copy of the run that was never stopped. SIGTERM must end it with 143, SIGINT with 130,
and one last line that says how to go on. In the end every artifact must have the digest
of the run that was never stopped, and every file be its own, byte for byte, but for the
report, which tells times, and the fingerprint and the graph of the SavedModel, in which
TensorFlow numbers all that a process did. Nothing may stay in TMPDIR. Prints how many
signals and runs ended so; exits 1 if one did not. On two busy CPU cores one signal for
each stage takes some minutes.
"""

import argparse
import functools
import glob
import json
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np

from benchmarks import tiny_run
from pipeline.stages.whole_run.steps import STEPS

FLAGS = (
    "--dataset=mnist",
    "--set=validation_count=12",
    "--set=filters=4",
    "--set=train.batch_size=8",
    "--set=train.objective.langevin.num_steps=3",
    "--set=train.objective.replay.capacity=32",
    "--set=preview_steps=2",
    "--set=train.log_every=5",
    "--set=train.image_every=20",
    "--set=train.checkpoint_every=5",
    "--set=train.num_updates=60",
    "--set=num_samples=40",
    "--set=sample.batch_size=4",
    "--set=sample.sampler.num_steps=50",
    '--set=evaluate.tasks=["energies","neighbours","classifier"]',
    "--set=num_epochs=1",
    "--set=classifier.batch_size=8",
    "--set=max_energy_gap=null",
    "--set=min_noise_auroc=null",
    "--set=min_confident_share=null",
    "--set=min_class_share=null",
)
STAGES = {step.name: step.output for step in STEPS}
# They tell times, or are numbered by all that the process did.
_OF_THE_PROCESS = {"report.html", "fingerprint.pb", "saved_model.pb"}


def write_digits(folder: pathlib.Path) -> str:
    """Writes bars at ten places as MNIST's four files; returns the folder."""
    folder.mkdir()
    for part, num in (("train", 640), ("t10k", 64)):
        labels = np.arange(num, dtype=np.uint8) % 10
        images = np.random.default_rng(num).integers(0, 50, [num, 28, 28], np.uint8)
        images[np.arange(num), :, 2 * labels + 4] = 250
        head = struct.pack(">4i", 2051, num, 28, 28), struct.pack(">2i", 2049, num)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(head[0] + images.tobytes())
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(head[1] + labels.tobytes())
    return str(folder)


def start(published: str, out: str) -> subprocess.Popen:
    """Starts the command."""
    flags = (*FLAGS, f"--data_dir={published}", f"--out={out}")
    pipe = subprocess.PIPE
    return tiny_run.start(*flags, command="all", stdout=pipe, stderr=pipe)


def finish(process: subprocess.Popen) -> None:
    """Waits for its end, which must be a good one."""
    out, err = process.communicate()
    if process.returncode:
        raise SystemExit(f"exit code {process.returncode}:\n{out}\n{err}")


def kill(
    process: subprocess.Popen, number: int, stage: str, out: str, wait: float
) -> str | None:
    """Ends the command while a stage works; returns what is wrong with how it ended.

    Args:
        process: The command.
        number: Of the signal.
        stage: Which stage.
        out: The run folder.
        wait: Seconds from the stage's beginning to the signal.

    Raises:
        TooLate: If the stage was done already.
    """
    if stage == "start":
        partial = pathlib.Path(out)
        time.sleep(wait)
    else:
        partial = pathlib.Path(out, f"{STAGES[stage]}.partial")
        saved = stage == "train" and number == signal.SIGKILL
        mark = f"{partial}/checkpoints/ckpt-*.index" if saved else str(partial)
        while process.poll() is None and not glob.glob(mark):
            time.sleep(0.001)
        time.sleep(wait)
        if not partial.exists():
            process.kill()
            process.communicate()
            raise TooLate
    process.send_signal(number)
    _, err = process.communicate()
    expected = -number if number == signal.SIGKILL else 128 + number
    last = err.replace("\r", "\n").rstrip().splitlines()[-1:]
    if process.returncode != expected:
        return f"exit code {process.returncode}: {last}"
    if number != signal.SIGKILL and ("go on with" not in "".join(last)):
        return f"the last line is {last}"
    return "a traceback" if "Traceback" in err else None


class TooLate(Exception):
    """The stage was done when the signal should have come."""


def files(out: str) -> dict[str, str]:
    """Returns the digests of artifacts, and of files that are alike, by path."""
    found = {}
    for name in STAGES.values():
        manifest = json.loads(pathlib.Path(out, name, "manifest.json").read_text())
        found[name] = manifest["digest"]
        for path, digest in manifest["files"].items():
            if os.path.basename(path) not in _OF_THE_PROCESS:
                found[f"{name}/{path}"] = digest
    return found


def before(stage: str, whole: str, out: str) -> None:
    """Copies to a run folder what is made before a stage."""
    for name, output in STAGES.items():
        if stage in (name, "start"):
            return
        shutil.copytree(f"{whole}/{output}", f"{out}/{output}")


def last_moment(stage: str, whole: str, number: int) -> float:
    """Returns the seconds from a stage's beginning within which the signal comes."""
    if stage == "start":
        return 0.5
    if number == signal.SIGKILL:
        return 0.3
    manifest = json.loads(
        pathlib.Path(whole, STAGES[stage], "manifest.json").read_text()
    )
    return manifest["spent"]["wall_s"]


def ended(begin, number, stage, folder, num, draw) -> tuple[list[str], int]:
    """Ends a run up to `num` times while a stage works; then lets it end by itself.

    Args:
        begin: Starts the command, given the run folder.
        number: Of the signal.
        stage: Which stage.
        folder: That of the run that was never stopped, `whole`, and of this one.
        num: How many signals at most; the stage may be done before.
        draw: Decides the moments.

    Returns:
        What was wrong, and how many signals came in time.
    """
    out, whole = f"{folder}/{stage}", f"{folder}/whole"
    before(stage, whole, out)
    high, faults, given = last_moment(stage, whole, number), [], 0
    while given < num:
        wait = draw.uniform(0.05 if stage == "start" else 0.0, high)
        try:
            fault = kill(begin(out), number, stage, out, wait)
        except TooLate:
            break
        given += 1
        faults += [f"signal {given} after {wait:.2f} s: {fault}"] if fault else []
    finish(begin(out))
    ends, wanted = files(out), files(whole)
    wrong = [
        path for path in wanted.keys() | ends if wanted.get(path) != ends.get(path)
    ]
    faults += [f"differs in {wrong}"] if wrong else []
    left = os.listdir(os.environ["TMPDIR"])
    faults += [f"left {left}"] if left else []
    shutil.rmtree(out)
    return faults, given


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0, help="decides the moments")
    every = ",".join(["start", *STAGES])
    parser.add_argument("--stages", default=every, help="which of them")
    parser.add_argument("--signal", default="KILL", choices=("KILL", "TERM", "INT"))
    parser.add_argument("--times", type=int, default=1, help="signals for each stage")
    args = parser.parse_args()
    number = signal.Signals[f"SIG{args.signal}"]
    draw, runs, good, signals = random.Random(args.seed), 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = f"{folder}/tmp"
        os.mkdir(os.environ["TMPDIR"])
        published = write_digits(pathlib.Path(folder, "mnist"))
        begin = functools.partial(start, published)
        finish(begin(f"{folder}/whole"))
        num_files = len(files(f"{folder}/whole"))
        for stage in args.stages.split(","):
            left = args.times
            while left > 0:
                faults, given = ended(begin, number, stage, folder, left, draw)
                left, signals = left - given, signals + given
                runs, good = runs + 1, good + (not faults)
                told = "; ".join(faults) or "equal"
                print(f"{stage}: {given} signals: {told}", flush=True)
    print(f"{signals} signals; {good} of {runs} runs ended as they must, each equal to")
    print(f"that which was never stopped, in {num_files} digests and files")
    sys.exit(good < runs)


if __name__ == "__main__":
    main()
