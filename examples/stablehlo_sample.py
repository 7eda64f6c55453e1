"""Samples from an exported StableHLO program, by JAX alone.

    pip install jax==0.10.*
    python -m examples.stablehlo_sample --folder=runs/mnist/export/stablehlo

Compiles the program for one of JAX's devices, be it a CPU or a GPU, runs it on the
weights beside it, prints how fast it was, and writes samples.npy, float32
`[N, H, W, C]`, into --out. Needs neither TensorFlow nor ebm_tf.
"""

import argparse
import os
import time

import numpy as np

from examples.stablehlo_program import Program


def _whole(text: str) -> int:
    """Returns the whole number of a flag, which the program takes as an int32."""
    value = int(text)
    if not 0 <= value < 2**31:
        raise argparse.ArgumentTypeError(f"must be 0 to {2**31 - 1}: {text}")
    return value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", required=True)
    parser.add_argument("--out", default=".")
    parser.add_argument("--seed", type=_whole, default=0)
    parser.add_argument("--label", type=_whole, help="class, for a conditional model")
    parser.add_argument(
        "--noise_level",
        type=float,
        help="of the images, for a model of noise levels; what walks levels ends there",
    )
    parser.add_argument("--device", type=int, default=0, help="one of JAX's")
    args = parser.parse_args()
    begin = time.perf_counter()
    program = Program(args.folder, "sample.mlir", args.device)
    seconds = time.perf_counter() - begin
    print(f"compiled for {program.device.device_kind} in {seconds:.1f} s")
    values = dict(np.load(os.path.join(args.folder, "weights.npz")))
    values["seed"] = np.array([args.seed, 0], np.int32)
    given = {"labels": args.label, "noise_level": args.noise_level}
    for spec in program.arguments:
        if spec["name"] in given:
            value = given[spec["name"]]
            if value is None:
                flag = spec["name"].replace("labels", "label")
                parser.error(f"the model is conditional: give --{flag}")
            values[spec["name"]] = np.full(spec["shape"], value, spec["dtype"])
    arrays = {name: program.put(name, value) for name, value in values.items()}
    for turn in ("first", "second"):
        begin = time.perf_counter()
        images = np.asarray(program(arrays)["images"])
        seconds = time.perf_counter() - begin
        print(f"{turn} call: {len(images)} images in {seconds:.2f} s")
    path = os.path.join(args.out, "samples.npy")
    np.save(path, images)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
