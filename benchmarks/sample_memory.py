"""The memory that `sample` takes for few images and for many.

    PYTHONPATH=. python benchmarks/sample_memory.py

Runs the command on a network of the kind of the `mnist` preset, with two filters and
random weights, chains of four steps, for 1,000, 10,000 and 50,000 images of 28x28, each
in a process of its own, and prints the largest memory of that process.
"""

import dataclasses
import os
import subprocess
import sys
import tempfile
import time

from ebm_tf import settings
from ebm_tf.energy.build import build_energy, save_energy
from pipeline.settings import presets
from pipeline.settings.config import RunConfig
from pipeline.store import artifacts

SHAPE = (28, 28, 1)
NUMBERS = (1000, 10_000, 50_000)
# Prints the largest memory of a child, in KiB on Linux.
RUN = (
    "import resource, subprocess, sys\n"
    "subprocess.run(sys.argv[1:], check=True, stdout=2, stderr=subprocess.DEVNULL)\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
)


def make_model(folder: str) -> None:
    """Writes the artifact `model` of an untrained network."""
    config = settings.from_dict(RunConfig, presets.read_preset("mnist")[1])
    energy = dataclasses.replace(config.energy, stem_filters=2, filters=2)
    sampler = dataclasses.replace(config.sample.sampler, num_steps=4)
    sample = dataclasses.replace(
        config.sample, start="noise", sampler=sampler, batch_size=500, strip_frames=3
    )
    config = dataclasses.replace(config, energy=energy, sample=sample)
    path = os.path.join(folder, "model")
    with artifacts.writing(path, "model", config, {}, seed=0) as scratch:
        network = build_energy(energy, SHAPE, seed=0)
        save_energy(network, os.path.join(scratch.folder, "model.keras"))
        scratch.details.update(
            shape=list(SHAPE), num_classes=None, class_names=[], updates=0
        )


def main() -> None:
    print("| images | largest memory, MiB | seconds |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        make_model(folder)
        for num in NUMBERS:
            command = [
                sys.executable,
                "-m",
                "pipeline.commands.sample",
                f"--num={num}",
            ]
            command += [f"--model={folder}/model", f"--out={folder}/{num}"]
            begin = time.perf_counter()
            made = subprocess.run(
                [sys.executable, "-c", RUN, *command],
                check=True,
                capture_output=True,
                text=True,
            )
            seconds = time.perf_counter() - begin
            print(f"| {num:,} | {int(made.stdout) / 1024:.0f} | {seconds:.0f} |")


if __name__ == "__main__":
    main()
