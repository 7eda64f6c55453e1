"""Kills each stage of `all` in turn, repeats the command, and compares the ends.

    ./bazelw run //benchmarks:kill_pipeline

Runs the command `all` on a few drawn bars in a new folder for each stage, ends it by
SIGKILL at a random moment of that stage's work (for `train`, once a checkpoint is
there), and gives the same command again. Every file of every artifact must then be,
byte for byte, that of a run that was never stopped, but for the report, which tells
times, and the fingerprint and the graph of the SavedModel, in which TensorFlow numbers
all that a process did. Prints how many were; exits 1 if one was not. On two busy CPU
cores it takes a quarter of an hour.
"""

import argparse
import glob
import itertools
import json
import os
import pathlib
import random
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


def kill(process: subprocess.Popen, stage: str, out: str, draw: random.Random) -> bool:
    """Ends the command while a stage works; returns whether it was in time."""
    partial = pathlib.Path(out, f"{STAGES[stage]}.partial")
    mark = f"{partial}/checkpoints/ckpt-*.index" if stage == "train" else str(partial)
    while process.poll() is None and not glob.glob(mark):
        time.sleep(0.001)
    time.sleep(draw.uniform(0.0, 0.3))
    in_time = partial.exists()
    process.kill()
    process.communicate()
    return in_time and process.returncode == -signal.SIGKILL


def files(out: str) -> dict[str, str]:
    """Returns the digest of every file that another process makes alike, by path."""
    found = {}
    for name in STAGES.values():
        manifest = json.loads(pathlib.Path(out, name, "manifest.json").read_text())
        for path, digest in manifest["files"].items():
            if os.path.basename(path) not in _OF_THE_PROCESS:
                found[f"{name}/{path}"] = digest
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0, help="decides the moments")
    parser.add_argument("--stages", default=",".join(STAGES), help="which of them")
    args = parser.parse_args()
    draw, good, stages = random.Random(args.seed), 0, args.stages.split(",")
    with tempfile.TemporaryDirectory() as folder:
        published = write_digits(pathlib.Path(folder, "mnist"))
        finish(start(published, f"{folder}/whole"))
        whole = files(f"{folder}/whole")
        for stage in stages:
            for attempt in itertools.count():  # anew, if the stage was done already
                out = f"{folder}/{stage}{attempt}"
                if kill(start(published, out), stage, out, draw):
                    break
            finish(start(published, out))
            ends = files(out)
            wrong = [p for p in whole.keys() | ends if whole.get(p) != ends.get(p)]
            good += not wrong
            print(f"{stage}: {f'differs in {wrong}' if wrong else 'equal'}", flush=True)
    print(f"{good} of {len(stages)} equal the run that was never stopped, in")
    print(f"{len(whole)} files, byte for byte")
    sys.exit(good < len(stages))


if __name__ == "__main__":
    main()
