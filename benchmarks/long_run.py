"""Whether a long run slows down or grows: memory and rate of 100,000 updates.

    ./bazelw run //benchmarks:long_run

Trains a tiny network on points in the plane with everything a run has: progress bar,
TensorBoard, checkpoints, a watch for failures. Prints at each mark the resident memory,
and the CPU time and the time on the clock of an update: the least of any `--window`
updates since the mark before, as work of others on the machine lengthens the rest.
Exits 1 if memory grew by more than 5 % from the first mark to the last, or the CPU time
of an update by more than 10 % from the first tenth of the run to the last. Ten minutes
on an idle core.
"""

import argparse
import os
import sys
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np

from ebm_tf import settings
from ebm_tf.box import Box
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.mlp import MlpConfig
from ebm_tf.training import callbacks, distribution
from ebm_tf.training.config import TrainConfig
from ebm_tf.training.trainer import Trainer
from pipeline.settings import overrides, presets
from pipeline.settings.config import RunConfig

BATCH = 16
SETTINGS = (
    f"train.batch_size={BATCH}",
    'train.objective.langevin={"num_steps": 2, "step_size": 0.1, "noise_std": 0.1, '
    '"grad_clip": null}',
    'train.recovery={"max_retries": 1, "window": 100, "max_gap": 100.0, '
    '"max_gradient_norm": null, "max_saturated_share": null, "min_movement": null, '
    '"steps_factor": 1.0, "learning_rate_factor": 1.0, "step_size_factor": 1.0}',
    "train.optimizer.learning_rate=0.001",
    "train.log_every=20",
    "train.image_every=500",
    "train.checkpoint_every=500",
    "train.preview_steps=2",
)


def train_config(num_updates: int) -> TrainConfig:
    """Returns settings of so many very small updates."""
    _, data = presets.read_preset("mnist")
    changes = SETTINGS + (f"train.num_updates={num_updates}",)
    return settings.from_dict(RunConfig, overrides.apply_overrides(data, changes)).train


def batches(first: int, last: int):
    """Yields points on a ring, by the number of the update."""
    labels = np.zeros(BATCH, np.int32)
    for update in range(first, last):
        angle = np.random.default_rng(update).uniform(0.0, 2 * np.pi, BATCH)
        points = 2.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        yield points.astype(np.float32), labels


def resident_mib() -> float:
    """Returns the memory of this process that is in RAM, MiB."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


class Marks(keras.callbacks.Callback):
    """Memory, least CPU and clock per update up to marks; printed as they come."""

    def __init__(self, marks, window: int):
        super().__init__()
        self._marks, self._window, self.rows = set(marks), window, []
        self._since, self._least = None, np.full(2, np.inf)

    def on_train_batch_end(self, batch, logs=None):
        done = batch + 1
        if done % self._window == 0:
            now = np.array([time.process_time(), time.monotonic()])
            if self._since is not None:  # the first window has the compilation
                each = 1000.0 * (now - self._since) / self._window
                self._least = np.minimum(self._least, each)
            self._since = now
        if done in self._marks:
            self.rows.append((done, resident_mib(), *self._least))
            line = "{:>8,} {:>12.1f} {:>12.3f} {:>12.3f}".format(*self.rows[-1])
            print(line, flush=True)
            self._least = np.full(2, np.inf)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--num_updates", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=1000, help="the first mark")
    parser.add_argument("--window", type=int, default=100)
    args = parser.parse_args()
    strategy = distribution.make_strategy("one")
    network = MlpConfig(
        widths=(16, 16),
        scale=1.0,
        activation="swish",
        kernel_initializer="glorot_uniform",
        normalize_head=False,
    )
    with strategy.scope():
        energy = build_energy(network, (2,), seed=0)
    box = Box(low=-3.0, high=3.0, num_levels=None)
    config = train_config(args.num_updates)
    trainer = Trainer(energy, box, config, seed=0, strategy=strategy)
    tenths = range(args.num_updates // 10, args.num_updates + 1, args.num_updates // 10)
    marks = Marks([args.first, *tenths], args.window)
    print(f"{'update':>8} {'memory, MiB':>12} {'CPU ms each':>12} {'clock':>12}")
    with tempfile.TemporaryDirectory() as folder:
        watchers = [
            callbacks.ProgressBar(trainer),
            callbacks.Summaries(trainer, f"{folder}/logs"),
            marks,
        ]
        checkpoints = trainer.checkpoints(f"{folder}/checkpoints")
        trainer.fit(batches, watchers, checkpoints)
        kept = sorted(name for name in os.listdir(checkpoints.folder))
    memory, (_, last_memory, last_cpu, _) = marks.rows[0][1], marks.rows[-1]
    cpu = min(marks.rows[0][2], marks.rows[1][2])
    print(f"memory x {last_memory / memory:.3f}, CPU time x {last_cpu / cpu:.3f}")
    print(f"kept: {', '.join(kept)}")
    sys.exit(bool(last_memory > 1.05 * memory or last_cpu > 1.1 * cpu))


if __name__ == "__main__":
    main()
