"""A training run through the public command that takes seconds: 8x8 stripes.

What the benchmarks of training have in common; nothing to run by itself.
"""

import os
import subprocess
import sys

import numpy as np

from ebm_tf.data import shards
from pipeline.settings.config import IngestConfig
from pipeline.store import artifacts

SHAPE = (8, 8, 1)
_INGEST = IngestConfig(
    dataset="mnist",
    validation_count=1,
    shard_size=1000,
    label_names=(),
    images=None,
)
_NETWORK = (
    '{"kind": "convnet", "stem_filters": 4, "filters": 4, "activation": "swish", '
    '"kernel_initializer": "glorot_uniform", "normalize_head": false}'
)
SETTINGS = (
    "--preset=mnist",
    f"--set=energy={_NETWORK}",
    "--set=train.batch_size=8",
    "--set=train.objective.langevin.num_steps=3",
    "--set=train.objective.replay.capacity=32",
    "--set=train.preview_steps=2",
)


def make_examples(path: str) -> None:
    """Writes the artifact `examples` to `path`: pictures of one bright column."""
    random = np.random.default_rng(0)
    with artifacts.writing(path, "examples", _INGEST, {}, seed=0) as scratch:
        counts = {"train": 512, "validation": 16, "test": 16}
        for name, num in counts.items():
            images = np.zeros([num, *SHAPE], np.uint8)
            labels = random.integers(0, SHAPE[1], num).astype(np.int32)
            images[np.arange(num), :, labels] = 255
            folder = os.path.join(scratch.folder, name)
            shards.write_split(folder, [(images, labels)], _INGEST.shard_size)
        scratch.details.update(
            shape=list(SHAPE),
            num_classes=SHAPE[1],
            class_names=[str(column) for column in range(SHAPE[1])],
            num_examples=counts,
        )


def start(*flags: str, command: str = "train", **kwargs) -> subprocess.Popen:
    """Starts a command in a process of its own; `kwargs` are Popen's."""
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"from pipeline.commands import start; start.run({command!r})",
            *flags,
        ],
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        **kwargs,
    )
