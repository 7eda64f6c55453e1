"""How fast chains run on a device of JAX's, against what its multiplications allow.

    pip install "jax[cuda12]==0.10.*" tqdm
    PYTHONPATH=. python benchmarks/sampler_rate.py --programs=/tmp/programs

Times the programs of `benchmarks/sampler_programs.py` in float32, in TF32 where the
device has it (the same program, its products no longer asked for in full precision) and
in bfloat16: image-steps a second, a step of one image being an energy and its gradient.
The floor is the time of their multiply-adds at the rate of a large matrix product,
measured in the same precision. Needs neither TensorFlow nor ebm_tf.
"""

import argparse
import concurrent.futures
import json
import os
import statistics
import time

import numpy as np
import tqdm

from benchmarks import drawn_arguments
from examples.stablehlo_program import Program

# Precision -> the dtype of the program, and whether its products are to be exact.
PRECISIONS = {
    "float32": ("float32", True),
    "tf32": ("float32", False),
    "bfloat16": ("bfloat16", False),
}
IMAGES, STEPS = 50_000, 60
PAPER_HOURS = "0.2 to 3"  # A.2: the second with more diversity


def matrix_rate(precision: str, size: int, turns: int, device) -> float:
    """Returns multiply-adds a second of a product of two `[size, size]` matrices."""
    import jax

    dtype, exact = PRECISIONS[precision]
    asked = jax.lax.Precision.HIGHEST if exact else jax.lax.Precision.DEFAULT
    product = jax.jit(lambda a, b: jax.lax.dot(a, b, precision=asked))
    draw = np.random.default_rng(0)
    a, b = (
        jax.device_put(draw.normal(size=(size, size)), device).astype(dtype)
        for _ in range(2)
    )
    return size**3 / _seconds(lambda: product(a, b).block_until_ready(), turns)


def chain_seconds(program: Program, weights: str, turns: int) -> float:
    """Returns the seconds of one call of `program`, its weights drawn if not there."""
    values = drawn_arguments.read_or_draw(program, weights)
    arrays = {name: program.put(name, value) for name, value in values.items()}

    def call():
        images = np.asarray(program(arrays)["images"])
        if not np.isfinite(images).all():
            raise FloatingPointError("images that are no numbers")

    return _seconds(call, turns)


def _seconds(call, turns: int) -> float:
    """Returns the median of `turns` calls after a first one."""
    call()
    found = []
    for _ in range(turns):
        begin = time.perf_counter()
        call()
        found.append(time.perf_counter() - begin)
    return statistics.median(found)


def main() -> None:
    import jax

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--programs", required=True, help="folder of programs")
    parser.add_argument("--matrix", type=int, default=8192, help="rows and columns")
    parser.add_argument("--turns", type=int, default=5, help="timed calls of each")
    parser.add_argument("--device", type=int, default=0, help="one of JAX's")
    parser.add_argument("--out", help="a JSON file for the numbers")
    args = parser.parse_args()
    with open(os.path.join(args.programs, "network.json"), encoding="utf-8") as file:
        network = json.load(file)
    device = jax.devices()[args.device]
    # An energy and its gradient by the image: each layer forward and back once.
    per_step = 2 * network["multiply_adds"]
    rates = {p: matrix_rate(p, args.matrix, args.turns, device) for p in PRECISIONS}
    rows = []
    cases = [(p, batch) for p in PRECISIONS for batch in network["batches"]]

    def compiled(case: tuple[str, int]) -> tuple[str, Program]:
        dtype, exact = PRECISIONS[case[0]]
        folder = os.path.join(args.programs, f"{case[1]}-{dtype}")
        program = Program(folder, "sample.mlir", args.device, highest=exact)
        return os.path.join(folder, "weights.npz"), program

    with concurrent.futures.ThreadPoolExecutor() as pool:  # compilers run side by side
        programs = list(pool.map(compiled, cases))
    timed = zip(cases, programs, strict=True)
    for (precision, batch), (weights, program) in tqdm.tqdm(
        timed, desc="time", unit="program", total=len(cases)
    ):
        seconds = chain_seconds(program, weights, args.turns)
        rate = batch * network["num_steps"] / seconds
        floor = rates[precision] / per_step
        rows.append(
            {
                "precision": precision,
                "batch": batch,
                "image_steps_per_s": rate,
                "share_of_floor": rate / floor,
                "seconds_of_50000": IMAGES * STEPS / rate,
            }
        )
    _print(network, device, rates, rows)
    if args.out:
        found = {"device": device.device_kind, "matrix_rates": rates, "rows": rows}
        with open(args.out, "w", encoding="utf-8") as file:
            json.dump(network | found, file, indent=2)


def _print(network: dict, device, rates: dict, rows: list[dict]) -> None:
    print(
        f"{device.device_kind}; {network['preset']}, chains of {network['num_steps']}"
    )
    for precision, rate in rates.items():
        print(f"matrix product in {precision}: {rate:.3g} multiply-adds/s")
    print("precision  batch  image-steps/s  of the floor  50,000 images of 60 steps")
    for row in rows:
        rate, seconds = row["image_steps_per_s"], row["seconds_of_50000"]
        print(
            f"{row['precision']:<9}  {row['batch']:>5}  {rate:>13.1f}"
            f"  {row['share_of_floor']:>12.1%}  {seconds:>10,.0f} s"
        )
    print(f"The paper's 50,000: {PAPER_HOURS} hours.")


if __name__ == "__main__":
    main()
