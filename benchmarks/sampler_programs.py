"""Chains of a preset's network as StableHLO programs of several batch sizes.

    PYTHONPATH=. python benchmarks/sampler_programs.py --out=/tmp/programs

writes, for each of --batches, a program in float32 and one in bfloat16, of random
weights, and `network.json`: what `benchmarks/sampler_rate.py` times on a device that
JAX has and TensorFlow need not.
"""

import argparse
import json
import os

import tqdm

from ebm_tf import settings
from ebm_tf.box import of_old_format
from ebm_tf.data.sources import base
from ebm_tf.energy import precision
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.summary import summarize
from ebm_tf.export import stablehlo
from pipeline.settings import presets
from pipeline.settings.config import RunConfig


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--preset", default="cifar10_conditional")
    parser.add_argument("--out", required=True, help="folder, made")
    parser.add_argument(
        "--batches", type=int, nargs="+", default=[128, 256, 512, 1024, 2048]
    )
    parser.add_argument("--num_steps", type=int, default=60)
    args = parser.parse_args()
    config = settings.from_dict(RunConfig, presets.read_preset(args.preset)[1])
    shape = base.shape_of(config.ingest.dataset, config.ingest.images)
    model, box = build_energy(config.energy, shape, seed=0), of_old_format(shape)
    rows = summarize(model)
    programs = [(b, d) for b in args.batches for d in ("float32", "bfloat16")]
    for batch, dtype in tqdm.tqdm(programs, desc="export", unit="program"):
        stablehlo.export_stablehlo(
            precision.in_dtype(model, dtype),
            config.sample.sampler.kernel_at(box),
            box,
            os.path.join(args.out, f"{batch}-{dtype}"),
            num=batch,
            num_steps=args.num_steps,
        )
    network = {
        "preset": args.preset,
        "batches": args.batches,
        "num_steps": args.num_steps,
        "parameters": sum(row.num_parameters for row in rows),
        "multiply_adds": sum(row.num_multiply_adds for row in rows),
    }
    path = os.path.join(args.out, "network.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(network, file, indent=2)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
