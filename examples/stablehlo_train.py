"""Trains by an exported StableHLO update, on any device of JAX, without TensorFlow.

    pip install "jax==0.10.*" tqdm
    python -m examples.stablehlo_train --update=runs/mnist/update \
        --examples=runs/mnist/examples/train --out=runs/mnist/trained_elsewhere

Begins at the state that was exported, or goes on from the one in --out, and leaves
there `state.npz`, the state after the last update, and `log.csv`, what updates
reported. Ctrl-C and SIGTERM end it after the update under way. Needs neither
TensorFlow nor ebm_tf; `train --state=...` makes a model of the state.
"""

import argparse
import concurrent.futures
import csv
import hashlib
import json
import os
import signal
import sys

import numpy as np

from examples.stablehlo_program import Program

_DATA = ("images", "labels")


class Shards:
    """The examples of a folder of shards, read in any order.

    Args:
        folder: With `index.json`, `images-00000.npy`, `labels-00000.npy` and so on.
    """

    def __init__(self, folder: str):
        with open(os.path.join(folder, "index.json"), encoding="utf-8") as file:
            index = json.load(file)
        self._size = index["shard_size"]
        count = -(-index["num_examples"] // self._size)
        self._arrays = {
            name: [
                np.load(os.path.join(folder, f"{name}-{number:05d}.npy"), mmap_mode="r")
                for number in range(count)
            ]
            for name in _DATA
        }

    def gather(self, name: str, indices: np.ndarray) -> np.ndarray:
        """Returns the rows of "images" or "labels" at `indices`, in that order."""
        shards, rows = np.divmod(indices, self._size)
        arrays = self._arrays[name]
        return np.stack([arrays[shard][row] for shard, row in zip(shards, rows)])


class Run:
    """A training that goes on from one state to the next.

    Args:
        args: The flags.

    Attributes:
        update: Updates done.
        num_updates: Updates in all.
        counter: Name of the argument that counts updates.

    Raises:
        ValueError: If the state in --out is of another program.
    """

    def __init__(self, args: argparse.Namespace):
        self._out = args.out
        self._program = Program(args.update, "update.mlir", args.device)
        self._digest = hashlib.sha256(self._program.text).hexdigest()
        self._order = np.load(os.path.join(args.update, "order.npy"), mmap_mode="r")
        self._examples = Shards(args.examples)
        saved = os.path.join(args.out, "state.npz")
        begun = os.path.exists(saved)
        with np.load(
            saved if begun else os.path.join(args.update, "state.npz")
        ) as file:
            state = dict(file)
        if begun and str(state.pop("program")) != self._digest:
            raise ValueError(f"{saved} is of another program than {args.update}")
        self._names = {spec["name"] for spec in self._program.arguments}
        self._data = [name for name in _DATA if name in self._names]
        self._scalars = [
            spec["name"]
            for spec in self._program.results
            if "feeds" not in spec and not spec["shape"]
        ]
        self._state = {name: self._program.put(name, x) for name, x in state.items()}
        self.num_updates = len(self._order)
        self.counter = self._program.listed["counter"]
        self.update = self._saved = int(state[self.counter])
        self._metrics, self._rows = {}, []
        self._reader = concurrent.futures.ThreadPoolExecutor(1)
        self._next = self._reader.submit(self._batch, self.update)

    def _batch(self, update: int) -> dict:
        indices = self._order[min(update, self.num_updates - 1)]
        return {name: self._examples.gather(name, indices) for name in self._data}

    def step(self) -> None:
        """Makes the next update; does not wait for the device."""
        batch = self._next.result()
        self._next = self._reader.submit(self._batch, self.update + 1)
        batch = {name: self._program.put(name, x) for name, x in batch.items()}
        results = self._program(self._state | batch)
        fed = {s["feeds"]: s["name"] for s in self._program.results if "feeds" in s}
        self._state |= {name: results[source] for name, source in fed.items()}
        self._metrics = {name: results[name] for name in self._scalars}
        self.update += 1

    def report(self) -> dict:
        """Waits for the device and returns the last update's scalars, noted.

        Raises:
            FloatingPointError: If one is no number.
        """
        values = {name: float(value) for name, value in self._metrics.items()}
        bad = [name for name, value in values.items() if not np.isfinite(value)]
        if bad:
            raise FloatingPointError(
                f"`{bad[0]}` is no number at update {self.update}, which is not saved"
            )
        self._rows.append({"update": self.update} | values)
        return values

    def save(self) -> None:
        """Writes the state, whole or not at all, and the rows noted since."""
        if self._saved == self.update:
            return
        if not self._rows or self._rows[-1]["update"] < self.update:
            self.report()
        arrays = {name: np.asarray(value) for name, value in self._state.items()}
        path = os.path.join(self._out, "state.npz")
        with open(path + ".new", "wb") as file:
            np.savez(file, program=np.array(self._digest), **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(path + ".new", path)
        log = os.path.join(self._out, "log.csv")
        is_new = not os.path.exists(log)
        with open(log, "a", encoding="utf-8", newline="") as file:
            columns = ["update", *self._scalars]
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            if is_new:
                writer.writeheader()
            writer.writerows(self._rows)
        self._rows, self._saved = [], self.update


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--update", required=True, help="folder of the program")
    parser.add_argument("--examples", required=True, help="folder of shards")
    parser.add_argument("--out", required=True, help="folder of the state, made")
    parser.add_argument("--num", type=int, help="end after this update, not the last")
    parser.add_argument("--save_every", type=int, default=500, help="updates")
    parser.add_argument("--log_every", type=int, default=20, help="updates")
    parser.add_argument("--device", type=int, default=0, help="one of JAX's")
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    stops = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda signum, frame: stops.append(signum))
    try:
        run = Run(args)
        _carry(run, min(args.num or run.num_updates, run.num_updates), args, stops)
    except (OSError, ValueError, FloatingPointError) as error:
        print(f"stablehlo_train: {error}", file=sys.stderr)
        sys.exit(2)
    path = os.path.join(args.out, "state.npz")
    print(f"wrote {path}, the state after update {run.update} of {run.num_updates}")
    if stops:
        sys.exit(128 + stops[0])


def _carry(run: Run, last: int, args: argparse.Namespace, stops: list[int]) -> None:
    import tqdm

    bar = tqdm.tqdm(
        desc="train",
        unit="update",
        initial=run.update,
        total=last,
        dynamic_ncols=True,
    )
    with bar:
        while run.update < last and not stops:
            run.step()
            if run.update % args.log_every == 0:
                told = run.report()
                name = "gap" if "gap" in told else "loss"
                bar.set_postfix({name: f"{told[name]:+.4f}"}, refresh=False)
            if run.update % args.save_every == 0:
                run.save()
            bar.update()
    run.save()


if __name__ == "__main__":
    main()
