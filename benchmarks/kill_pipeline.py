"""Ends each stage of `all` in turn, repeats the command, and compares the ends.

    ./bazelw run //benchmarks:kill_pipeline -- --signal=TERM

Runs the command `all` on a few drawn bars in a new folder for each stage, ends it by a
signal at a random moment of that stage's work (for `train` and KILL, once a checkpoint
is there; the stage `start` is what comes before the first), and gives the same command
again. SIGTERM must end it with 143, SIGINT with 130, and one last line that says how to
go on. Every artifact must then have the digest of a run that was never stopped, and
every file be its own, byte for byte, but for the report, which tells times, and the
fingerprint and the graph of the SavedModel, in which TensorFlow numbers all that a
process did. Nothing may stay in TMPDIR. Prints how many ended so; exits 1 if one did
not. On two busy CPU cores it takes a quarter of an hour.
"""

import argparse
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
    process: subprocess.Popen, number: int, stage: str, out: str, draw: random.Random
) -> str | None:
    """Ends the command while a stage works; returns what is wrong with how it ended.

    Raises:
        TooLate: If the stage was done already.
    """
    if stage == "start":
        partial = pathlib.Path(out)
        time.sleep(draw.uniform(0.05, 0.5))
    else:
        partial = pathlib.Path(out, f"{STAGES[stage]}.partial")
        saved = stage == "train" and number == signal.SIGKILL
        mark = f"{partial}/checkpoints/ckpt-*.index" if saved else str(partial)
        while process.poll() is None and not glob.glob(mark):
            time.sleep(0.001)
        time.sleep(draw.uniform(0.0, 3.0 if number != signal.SIGKILL else 0.3))
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


def end(published, number, stage, folder, draw) -> tuple[str | None, str]:
    """Ends a run while a stage works; returns what was wrong, and its folder."""
    out = f"{folder}/{stage}"
    while True:
        try:
            return kill(start(published, out), number, stage, out, draw), out
        except TooLate:  # anew
            shutil.rmtree(out, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0, help="decides the moments")
    every = ",".join(["start", *STAGES])
    parser.add_argument("--stages", default=every, help="which of them")
    parser.add_argument("--signal", default="KILL", choices=("KILL", "TERM", "INT"))
    parser.add_argument("--times", type=int, default=1, help="signals for each stage")
    args = parser.parse_args()
    number = signal.Signals[f"SIG{args.signal}"]
    draw, good = random.Random(args.seed), 0
    stages = args.stages.split(",") * args.times
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TMPDIR"] = f"{folder}/tmp"
        os.mkdir(os.environ["TMPDIR"])
        published = write_digits(pathlib.Path(folder, "mnist"))
        finish(start(published, f"{folder}/whole"))
        whole = files(f"{folder}/whole")
        for stage in stages:
            fault, out = end(published, number, stage, folder, draw)
            finish(start(published, out))
            ends = files(out)
            wrong = [p for p in whole.keys() | ends if whole.get(p) != ends.get(p)]
            left = os.listdir(os.environ["TMPDIR"])
            told = [fault, wrong and f"differs in {wrong}", left and f"left {left}"]
            faults = "; ".join(filter(None, told))
            good += not faults
            print(f"{stage}: {faults or 'equal'}", flush=True)
            shutil.rmtree(out)
    print(f"{good} of {len(stages)} ended as they must, and gone on with equal the run")
    print(f"that was never stopped, in {len(whole)} digests and files, byte for byte")
    sys.exit(good < len(stages))


if __name__ == "__main__":
    main()
