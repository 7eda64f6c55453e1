"""Packs a training for a machine without TensorFlow: see the package.

    ./bazelw run //pipeline:export_update -- --preset=cifar10_score --out=runs/c
    ./bazelw run //benchmarks/elsewhere:pack -- --preset=cifar10_score \
        --update=runs/c/update --examples=runs/c/examples --out=packed

With --jpegs, archives of the training images as JPEG, these travel in place of pixels.
"""

import argparse
import json
import os
import shutil

import numpy as np

from benchmarks.elsewhere import averages, compact, images
from ebm_tf import settings
from ebm_tf.data.shards import Examples
from pipeline.console import tensorflow_import
from pipeline.settings import presets
from pipeline.settings.config import RunConfig
from pipeline.stages import train
from pipeline.store import artifacts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--preset", required=True, help="its sampler draws the samples")
    parser.add_argument("--update", required=True, help="the artifact `update`")
    parser.add_argument("--examples", required=True, help="the artifact `examples`")
    parser.add_argument("--jpegs", nargs="*", default=[], help="tar files")
    parser.add_argument("--out", required=True, help="folder, made")
    parser.add_argument("--num", type=int, default=500, help="samples of a call")
    args = parser.parse_args()
    update = artifacts.load(args.update, "update")
    data = artifacts.load(args.examples, "examples")
    os.makedirs(args.out)
    for name in ("update.mlir", "arguments.json", "order.npy"):
        shutil.copy(update.file(name), args.out)
    _pack_state(update, args.out)
    examples = Examples(data.file("train"))
    stored, labels = examples.gather(np.arange(examples.num_examples))
    images.pack(stored, labels, args.jpegs, args.out)
    config = settings.from_dict(RunConfig, presets.read_preset(args.preset)[1])
    _write_sampler(config, update, data, args)
    note = {
        "preset": args.preset,
        "update": update.digest,
        "noise_level": (update.config["energy"].get("noise_levels") or {}).get("low"),
        "decay": averages.decay_of(update.config["train"]["optimizer"]),
    }
    with open(os.path.join(args.out, "packed.json"), "w", encoding="utf-8") as file:
        json.dump(note, file, indent=2)
    print(f"wrote {args.out}")


def _pack_state(update: artifacts.Artifact, out: str) -> None:
    with np.load(update.file("state.npz")) as file:
        state = dict(file)
    trained = averages.trained(state, update.details["counter"])
    drawn = [n for n, a in state.items() if n == "replay/states" and a.dtype == "uint8"]
    np.savez(os.path.join(out, "state.npz"), **compact.pack(state, trained, drawn))


def _write_sampler(config: RunConfig, update, data, args) -> None:
    tensorflow_import.import_tensorflow()
    from ebm_tf.export import stablehlo

    whole = train.with_ingested(config, data)
    energy = train.make_trainer(data, whole, update.seed, "one").energy
    folder = os.path.join(args.out, "sample")
    stablehlo.export_stablehlo(
        energy,
        config.sample.sampler.kernel_at(energy.space),
        energy.space,
        folder,
        num=args.num,
        num_steps=config.sample.sampler.num_steps,
    )
    os.remove(os.path.join(folder, stablehlo.WEIGHTS))  # training brings its own


if __name__ == "__main__":
    main()
