"""Kills training at random moments, repeats the command, and compares the ends.

    ./bazelw run //benchmarks:kill_and_resume

Every trial runs the command `train` on a tiny network in a new folder, ends it by
SIGKILL, half of the times at a moment drawn uniformly over the updates, half of the
times while a checkpoint is being written, and gives the same command again. The last
checkpoint (weights, optimizer, replay buffer, progress), the saved buffer and every
point of TensorBoard but measured speeds must then equal those of a run that was never
stopped, bit for bit. Prints how many did; exits 1 if one did not. On two busy CPU
cores a trial takes half a minute.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf

from benchmarks import event_files, tiny_run

NUM_UPDATES, EVERY = 600, 10
FLAGS = (
    *tiny_run.SETTINGS,
    f"--set=train.num_updates={NUM_UPDATES}",
    "--set=train.log_every=2",
    "--set=train.image_every=20",
    f"--set=train.checkpoint_every={EVERY}",
)


def command(folder: str, run: str, **kwargs) -> subprocess.Popen:
    """Starts the command of the run called `run`."""
    flags = (f"--examples={folder}/examples", f"--out={folder}/{run}")
    pipe = subprocess.PIPE
    return tiny_run.start(*FLAGS, *flags, stdout=pipe, stderr=pipe, **kwargs)


def finish(process: subprocess.Popen) -> str:
    """Waits for its end, which must be a good one; returns what it printed."""
    out, err = process.communicate()
    if process.returncode:
        raise SystemExit(f"a run ended with exit code {process.returncode}:\n{err}")
    return out


def kill(process: subprocess.Popen, out: str, draw: random.Random, in_save: bool):
    """Ends the process at a random moment; returns where that was, in words."""
    update = draw.randrange(EVERY + 1, NUM_UPDATES - 1)
    saves = os.path.join(out, "model.partial", "checkpoints")
    # The checkpoint before that moment, then a random part of the time to the next.
    before = os.path.join(saves, f"ckpt-{update // EVERY * EVERY}.index")
    began = None
    while process.poll() is None and not os.path.exists(before):
        began = time.monotonic()
        time.sleep(0.0005)
    if in_save:
        while process.poll() is None and not os.path.exists(f"{saves}/unfinished"):
            pass
        time.sleep(draw.uniform(0.0, 0.01))
    elif began is not None:
        time.sleep(draw.uniform(0.0, 0.1))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    if process.returncode != -signal.SIGKILL:
        return "after its end"
    saving = os.path.exists(f"{saves}/unfinished")
    return f"after update {update}" + (", in a checkpoint" if saving else "")


def points(folder: str) -> dict:
    """Returns every value in the event files by tag and step, as bytes."""
    found = {}
    for tag, step, value in event_files.values(folder):
        if (tag, step) in found:
            raise SystemExit(f"{folder} has {tag} of step {step} twice")
        if not tag.startswith("speed/"):
            # Texts and encoded pictures are objects, whose bytes are addresses.
            found[tag, step] = (
                str(value.tolist()) if value.dtype == object else value.tobytes()
            )
    return found


def arrays(model: str) -> dict:
    """Returns the arrays of the last checkpoint and of the replay buffer, as bytes."""
    path = os.path.join(model, "checkpoints", f"ckpt-{NUM_UPDATES}")
    reader = tf.train.load_checkpoint(path)
    found = {
        name: np.asarray(reader.get_tensor(name)).tobytes()
        for name in reader.get_variable_to_shape_map()
    }
    found.pop("_CHECKPOINTABLE_OBJECT_GRAPH", None)
    return found | {"replay": np.load(os.path.join(model, "replay.npy")).tobytes()}


def difference(one: dict, two: dict) -> list:
    """Returns the keys under which two dicts do not hold the same."""
    return [key for key in one.keys() | two.keys() if one.get(key) != two.get(key)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--num_kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="decides the moments")
    args = parser.parse_args()
    draw, good = random.Random(args.seed), 0
    with tempfile.TemporaryDirectory() as folder:
        tiny_run.make_examples(f"{folder}/examples")
        finish(command(folder, "whole"))
        whole = (arrays(f"{folder}/whole/model"), points(f"{folder}/whole/logs/train"))
        for trial in range(args.num_kills):
            out = f"{folder}/{trial}"
            process = command(folder, str(trial))
            where = kill(process, out, draw, in_save=trial % 2 == 1)
            told = finish(command(folder, str(trial))).partition("\n")[0]
            ends = (arrays(f"{out}/model"), points(f"{out}/logs/train"))
            wrong = [
                key
                for a, b in zip(whole, ends, strict=True)
                for key in difference(a, b)
            ]
            good += not wrong
            print(f"{trial + 1:3}  killed {where}; {told}; ", end="")
            print(f"differs in {wrong[:3]}" if wrong else "equal", flush=True)
    num_arrays, num_points = map(len, whole)
    print(f"{good} of {args.num_kills} equal the run that was never stopped, in")
    print(f"{num_arrays} arrays and {num_points} points of TensorBoard, bit for bit")
    sys.exit(good < args.num_kills)


if __name__ == "__main__":
    main()
