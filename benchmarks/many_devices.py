"""One update of the ImageNet presets on as many devices as the paper had, 32.

    PYTHONPATH=. python benchmarks/many_devices.py --only=imagenet32

Logical CPU devices stand for the paper's: one process has all of them. Networks are
cut to 4 filters and chains to a few steps, batches and buffers are those of the preset:
10,000 slots are divided as 16 parts of 313 and 16 of 312, and where the preset's sizes
are those of one replica there are 32 times as many. The buffer of imagenet128_released
takes 16 GB by itself: `--capacity` makes it smaller. A run for each preset, `--only`,
takes less memory than all in one. Prints a line for each preset, and fails if a number
is not finite.
"""

import argparse
import dataclasses
import resource
import sys
import time

import numpy as np

from ebm_tf import settings
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import build_energy
from ebm_tf.training.config import TrainConfig
from ebm_tf.training.distribution import make_strategy
from ebm_tf.training.trainer import Trainer
from pipeline.settings import presets
from pipeline.settings.config import RunConfig

PRESETS = (
    "imagenet32",
    "imagenet32_released",
    "imagenet128",
    "imagenet128_released",
)
NUM_FILTERS = 4


def run_config(preset: str, num_steps: int, capacity: int | None) -> RunConfig:
    """Returns a preset with a very narrow network, short chains, and so many slots.

    Args:
        preset: Its name.
        num_steps: Of a chain.
        capacity: Slots of the buffer as the preset counts them: of all replicas, or of
            each where it says `sizes_per_replica`. None for the preset's own.
    """
    config = settings.from_dict(RunConfig, presets.read_preset(preset)[1])
    narrow = (NUM_FILTERS,) * len(config.energy.stage_filters)
    energy = dataclasses.replace(
        config.energy, stem_filters=NUM_FILTERS, stage_filters=narrow
    )
    objective = config.train.objective
    chain = dataclasses.replace(objective.langevin, num_steps=num_steps)
    replay = objective.replay
    if capacity is not None:
        replay = dataclasses.replace(replay, capacity=capacity)
    objective = dataclasses.replace(objective, langevin=chain, replay=replay)
    train = dataclasses.replace(config.train, objective=objective)
    return dataclasses.replace(config, energy=energy, train=train)


def make_trainer(
    preset: str, num_devices: int, num_steps: int, capacity: int | None = None
) -> Trainer:
    """Returns a new trainer of a preset on so many logical CPU devices."""
    config = run_config(preset, num_steps, capacity)
    side = int(preset.removeprefix("imagenet").partition("_")[0])
    strategy = make_strategy(f"cpu:{num_devices}")
    with strategy.scope():
        energy = build_energy(config.energy, (side, side, 3), seed=0)
    return Trainer(energy, PIXELS, config.train, seed=0, strategy=strategy)


def one_batch(trainer: Trainer) -> tuple[np.ndarray, np.ndarray]:
    """Returns images of noise and random classes."""
    draw, config = np.random.default_rng(0), trainer.config
    shape = (config.batch_size, *trainer.energy.state_shape)
    images = draw.integers(0, 256, shape, np.uint8)
    return images, draw.integers(0, 1000, config.batch_size, np.int32)


def describe(config: TrainConfig, sizes: list[int]) -> str:
    """Returns how an update's batch and the buffer are divided."""
    parts = ", ".join(f"{sizes.count(n)} of {n:,}" for n in sorted({*sizes})[::-1])
    return f"batch {config.batch_size:,}, {sum(sizes):,} slots: {parts}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", choices=PRESETS)
    parser.add_argument("--num_devices", type=int, default=32)
    parser.add_argument("--num_steps", type=int, default=2)
    parser.add_argument("--capacity", type=int, help="slots, as the preset counts them")
    options = parser.parse_args()
    for preset in options.only or PRESETS:
        trainer = make_trainer(
            preset, options.num_devices, options.num_steps, options.capacity
        )
        sizes = [part["states"].shape[0] for part in trainer.memory.parts.values()]
        since = time.monotonic()
        logs = trainer.run_update(*one_batch(trainer))
        took = time.monotonic() - since
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        finite = all(np.all(np.isfinite(value)) for value in logs.values())
        print(
            f"{preset}: {describe(trainer.config, sizes)}; loss {logs['loss']:.4g}, "
            f"{took:.0f} s, {time.process_time():.0f} s of CPU time, "
            f"{peak:.1f} GiB at most",
            flush=True,
        )
        if not finite:
            sys.exit(f"{preset}: a value is not finite")
        del trainer


if __name__ == "__main__":
    main()
