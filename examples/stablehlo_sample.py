"""Samples from an exported StableHLO program, by JAX alone.

    pip install jax==0.10.*
    python examples/stablehlo_sample.py --folder=runs/mnist/export/stablehlo

Compiles the program for JAX's first device, be it a CPU or a GPU, runs it on the
weights beside it, prints how fast it was, and writes samples.npy, float32
`[N, H, W, C]`, into --out. Needs neither TensorFlow nor this project.
"""

import argparse
import json
import os
import time

import numpy as np


def load(folder: str):
    """Returns the compiled program, a function of arrays, and its arguments' list."""
    import jax
    from jax._src.lib import xla_client

    with open(os.path.join(folder, "arguments.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    with open(os.path.join(folder, "sample.mlir"), "rb") as file:
        program = file.read()
    # JAX has no public way to run a program that it did not make.
    device = jax.devices()[0]
    devices = xla_client.DeviceList((device,))
    options = xla_client.CompileOptions()
    executable = device.client.compile_and_load(program, devices, options)

    def call(arrays):
        for spec, array in zip(manifest["arguments"], arrays, strict=True):
            found = [array.dtype.name, list(array.shape)]
            if found != [spec["dtype"], spec["shape"]]:
                raise ValueError(f"{spec['name']} is of {found}: {spec}")
        buffers = [jax.device_put(array, device) for array in arrays]
        results = executable.execute_sharded(buffers)
        return [
            np.asarray(shards[0])
            for shards in results.disassemble_into_single_device_arrays()
        ]

    return call, manifest["arguments"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", required=True)
    parser.add_argument("--out", default=".")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--label", type=int, help="class, for a conditional model")
    args = parser.parse_args()
    begin = time.perf_counter()
    call, specs = load(args.folder)
    print(f"compiled in {time.perf_counter() - begin:.1f} s")
    weights = np.load(os.path.join(args.folder, "weights.npz"))
    arrays = [weights[spec["name"]] for spec in specs if spec["name"] in weights]
    arrays.append(np.array([args.seed, 0], np.int32))
    if specs[-1]["name"] == "labels":
        arrays.append(np.full(specs[-1]["shape"], args.label, specs[-1]["dtype"]))
    for turn in ("first", "second"):
        begin = time.perf_counter()
        (images,) = call(arrays)
        seconds = time.perf_counter() - begin
        print(f"{turn} call: {len(images)} images in {seconds:.2f} s")
    path = os.path.join(args.out, "samples.npy")
    np.save(path, images)
    print(f"wrote {path}")


if __name__ == "__main__":
    main()
