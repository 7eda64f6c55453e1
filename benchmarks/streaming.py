"""Peak memory of ingest and of training reads, by the number of images.

    ./bazelw run //benchmarks:streaming

Generates folders of 64x64 colour images, ingests each in a process of its own and
reads some training batches in another, and prints the peak memory of each process
(resident set, MiB) and the ratio of the largest to the smallest. Takes the disk
space of the images twice, about 6 GB for 100,000, in a temporary folder.
"""

import argparse
import multiprocessing
import os
import resource
import sys
import tempfile
import time

import numpy as np
from PIL import Image

SIZE = 64
CLASSES = 10


def write_images(folder: str, num: int) -> None:
    """Writes `num` noisy pictures, uncompressed, a thousand a folder."""
    draw = np.random.default_rng(0)
    base = draw.integers(0, 256, [1000, SIZE, SIZE, 3], np.uint8)
    for number in range(num):
        path = os.path.join(
            folder, f"class_{number % CLASSES}", f"{number // 10000}", f"{number}.bmp"
        )
        os.makedirs(os.path.dirname(path), exist_ok=True)
        pixels = base[number % 1000] ^ np.uint8(number // 1000)
        Image.fromarray(pixels).save(path)


def ingest(folder: str, out: str) -> None:
    """Ingests the folder, as the command does."""
    from ebm_tf.data.config import ImagesConfig
    from pipeline.settings.config import IngestConfig
    from pipeline.stages import ingest

    images = ImagesConfig(size=SIZE, channels=3, corrupt="fail", test_share=0.1)
    config = IngestConfig(
        dataset="folder",
        validation_count=1000,
        shard_size=1000,
        label_names=(),
        images=images,
    )
    ingest.run(folder, out, config, seed=0)


def train_reads(folder: str, out: str) -> None:
    """Reads 500 batches of 128 training images."""
    from ebm_tf.data import batches, shards

    examples = shards.Examples(os.path.join(out, "train"))
    for images, _ in batches.batches(examples, 0, 128)(0, 500):
        assert images.shape == (128, SIZE, SIZE, 3)


def _measure(task, folder, out, pipe) -> None:
    start = time.monotonic()
    task(folder, out)
    # Kilobytes on Linux, bytes on a Mac.
    unit = 1024 if sys.platform == "linux" else 1
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    pipe.send((peak / 2**20, time.monotonic() - start))


def peak_of(task, folder: str, out: str) -> tuple[float, float]:
    """Returns the peak memory, MiB, and the seconds of a task in a new process."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_measure, args=(task, folder, out, there))
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(f"{task.__name__} ended with {process.exitcode}")
    return here.recv()


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--num", type=int, nargs="+", default=[10_000, 100_000])
    args = parser.parse_args()
    peaks = {ingest: [], train_reads: []}
    for num in args.num:
        with tempfile.TemporaryDirectory() as folder:
            images, out = os.path.join(folder, "images"), os.path.join(folder, "out")
            write_images(images, num)
            for task, found in peaks.items():
                peak, seconds = peak_of(task, images, out)
                found.append(peak)
                print(
                    f"{task.__name__:12} {num:7} images: {peak:6.0f} MiB "
                    f"in {seconds:4.0f} s",
                    flush=True,
                )
    for task, found in peaks.items():
        print(f"{task.__name__:12} largest / smallest: {max(found) / min(found):.3f}")


if __name__ == "__main__":
    main()
