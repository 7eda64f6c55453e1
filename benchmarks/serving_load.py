"""An exported model under load: threads, calls a second, and memory over many calls.

    PYTHONPATH=. python benchmarks/serving_load.py

Exports the network of a preset with random weights, loads it as a program would, and
calls its signatures from several threads: images and steps in varying number, a
third of the requests to be refused. Prints the memory of the process as it goes.
`tests/ebm_tf/export/load_test.py` holds the answers against those given alone.
"""

import argparse
import concurrent.futures
import os
import tempfile
import time

import tensorflow as tf

from ebm_tf import rng, settings
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import build_energy
from ebm_tf.export import saved_model
from pipeline.settings import presets
from pipeline.settings.config import RunConfig

SHAPES = {"mnist": (28, 28, 1), "fashion_mnist": (28, 28, 1)}
MAX_NUM, MAX_STEPS = 4, 4


def export_preset(name: str, folder: str):
    """Returns the signatures of the exported network, loaded again."""
    config = settings.from_dict(RunConfig, presets.read_preset(name)[1])
    served = saved_model.ServedEnergy(
        build_energy(config.energy, SHAPES[name], seed=0),
        PIXELS,
        config.sample.sampler,
        max_num=MAX_NUM,
        max_steps=MAX_STEPS,
    )
    saved_model.export_saved_model(served, folder)
    return tf.saved_model.load(os.path.join(folder, saved_model.VERSION)).signatures


def call(signatures, shape, number: int) -> bool:
    """Makes request `number`; returns whether it was answered as it should be."""
    num, num_steps = 1 + number % MAX_NUM, 1 + number // 3 % MAX_STEPS
    bad = number % 3 == 2
    chain = {"seed": tf.constant([number, 0]), "num_steps": tf.constant(num_steps)}
    images = PIXELS.uniform(rng.make_seed(number), (num, *shape))
    try:
        if number % 2:
            count = tf.constant(num + (MAX_NUM if bad else 0))
            signatures["sample"](num=count, **chain)
        else:
            signatures["refine"](images=images + (2.0 if bad else 0.0), **chain)
    except tf.errors.InvalidArgumentError:
        return bad
    return not bad


def resident_mib() -> float:
    """Returns the memory that this process holds."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--preset", choices=SHAPES, default="mnist")
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--threads", type=int, default=16)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        signatures = export_preset(args.preset, folder)
        print("| calls | answered as they should be | calls a second | MiB held |")
        print("|---|---|---|---|")
        done = right = 0
        with concurrent.futures.ThreadPoolExecutor(args.threads) as pool:
            for until in range(0, args.calls + 1, max(args.calls // 10, 1)):
                begin, numbers = time.perf_counter(), range(done, until)
                answers = pool.map(
                    lambda n: call(signatures, SHAPES[args.preset], n), numbers
                )
                right += sum(answers)
                rate = len(numbers) / (time.perf_counter() - begin)
                done = until
                print(
                    f"| {done} | {right} | {rate:.0f} | {resident_mib():.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
