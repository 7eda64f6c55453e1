"""Trains what `pack` packed, by JAX alone, until a deadline, and samples from it.

    python -m benchmarks.elsewhere.train --packed=packed --out=back --seconds=300

Leaves in --out, each file small: `weights.npz`, the averages of the weights in half
precision, for `take_back`; `samples-N.npz`, uint8 images and their labels; `log.csv`,
what updates reported; `run.json`, the device and seconds of each part.
"""

import argparse
import concurrent.futures
import itertools
import json
import os
import shutil
import tempfile
import time

import numpy as np

from benchmarks.elsewhere import averages, compact, images
from examples import stablehlo_train
from examples.stablehlo_program import Program

_PART = 4000  # samples of a file


def sample(
    program: Program, weights: dict, num: int, level: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Returns uint8 images, `num` of them or some more, and the labels asked for.

    Args:
        program: That `pack` wrote.
        weights: By name.
        num: How many.
        level: Of images, for energies of noise levels.
    """
    drawn, labels = [], []
    [given] = [s["shape"][0] for s in program.results if s["name"] == "images"]
    known = {s["name"] for s in program.arguments}
    arrays = {n: program.put(n, w) for n, w in weights.items() if n in known}
    if "noise_level" in known:
        arrays["noise_level"] = program.put(
            "noise_level", np.full(given, level, np.float32)
        )
    for call in range(-(-num // given)):
        arrays["seed"] = program.put("seed", np.array([call, 0], np.int32))
        asked = np.arange(given, dtype=np.int32) % 10
        if "labels" in known:
            arrays["labels"] = program.put("labels", asked)
        x = np.asarray(program(dict(arrays))["images"])
        drawn.append(np.round(255.0 * np.clip(x, 0.0, 1.0)).astype(np.uint8))
        labels.append(asked)
    return np.concatenate(drawn), np.concatenate(labels)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--packed", required=True, help="folder that `pack` wrote")
    parser.add_argument("--out", required=True, help="folder, made")
    parser.add_argument(
        "--seconds", type=float, required=True, help="end of updates, from now on"
    )
    parser.add_argument("--num", type=int, help="end after this update, not the last")
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--log_every", type=int, default=50, help="updates")
    parser.add_argument("--device", type=int, default=0, help="one of JAX's")
    args = parser.parse_args()
    args.deadline = time.perf_counter() + args.seconds
    os.makedirs(args.out, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        _run(args, folder)


def _run(args: argparse.Namespace, folder: str) -> None:
    note = _unpack(args.packed, folder)
    args.update, args.examples = folder, os.path.join(folder, "examples")
    clock = [("compile", time.perf_counter())]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        place = os.path.join(args.packed, "sample"), "sample.mlir", args.device
        compiled = pool.submit(Program, *place)
        run = stablehlo_train.Run(args)
        run.step()  # the first is slower
        run.report()
        sampler = compiled.result()
    clock.append(("train", time.perf_counter()))
    state = _train(run, args)
    clock.append(("sample", time.perf_counter()))
    weights = averages.adopt(state, run.counter, note["decay"])
    _write_weights(weights, state, run.counter, args.out)
    drawn, labels = sample(sampler, weights, args.samples, note["noise_level"])
    clock.append(("", time.perf_counter()))
    _write_images(drawn, labels, args.out)
    kept = {
        "device": sampler.device.device_kind,
        "updates": run.update,
        "seconds": {n: b - a for (n, a), (_, b) in itertools.pairwise(clock)},
        "samples": len(drawn),
    }
    with open(os.path.join(args.out, "run.json"), "w", encoding="utf-8") as file:
        json.dump(kept | note, file, indent=2)
    print(json.dumps(kept))


def _unpack(packed: str, folder: str) -> dict:
    """Writes into `folder` what `stablehlo_train.Run` reads; returns the note."""
    for name in ("update.mlir", "arguments.json", "order.npy"):
        shutil.copy(os.path.join(packed, name), folder)
    with np.load(os.path.join(packed, "state.npz")) as file:
        np.savez(os.path.join(folder, "state.npz"), **compact.unpack(dict(file)))
    same = images.unpack(packed, os.path.join(folder, "examples"))
    with open(os.path.join(packed, "packed.json"), encoding="utf-8") as file:
        return json.load(file) | {"same_pixels": same}


def _train(run: stablehlo_train.Run, args: argparse.Namespace) -> dict:
    """Returns the state after the last update or the deadline."""
    begin, last = time.perf_counter(), min(args.num or 10**9, run.num_updates)
    while run.update < last and time.perf_counter() < args.deadline:
        run.step()
        if run.update % args.log_every == 0:
            told = run.report()
            if run.update % (20 * args.log_every) == 0:
                done = time.perf_counter() - begin
                print(f"{run.update} after {done:.0f} s: {told}", flush=True)
    run.save()
    path = os.path.join(args.out, "state.npz")
    with np.load(path) as file:
        state = dict(file)
    os.remove(path)  # too large to carry
    return state


def _write_weights(weights: dict, state: dict, counter: str, out: str) -> None:
    """Writes the trained weights and the number of updates, and some replays."""
    trained = {
        n: w for n, w in weights.items() if averages.name_of(n, counter) in state
    }
    packed = compact.pack(trained | {counter: state[counter]}, trained)
    np.savez(os.path.join(out, "weights.npz"), **packed)
    replays = {n: a[:1000] for n, a in state.items() if n.startswith("replay/")}
    if replays:
        named = {name.partition("/")[2]: array for name, array in replays.items()}
        np.savez_compressed(os.path.join(out, "replays.npz"), **named)


def _write_images(images: np.ndarray, labels: np.ndarray, out: str) -> None:
    for part in range(0, len(images), _PART):
        path, rows = f"samples-{part // _PART}.npz", slice(part, part + _PART)
        np.savez_compressed(
            os.path.join(out, path), images=images[rows], labels=labels[rows]
        )


if __name__ == "__main__":
    main()
