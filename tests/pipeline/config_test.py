"""Rules of the stages' settings."""

import pytest

from ebm_tf.sampling.config import LangevinConfig
from pipeline import config

LANGEVIN = LangevinConfig(num_steps=10, step_size=1.0, noise_std=0.0, grad_clip=None)
CLASSIFIER = config.ClassifierConfig(num_epochs=1, batch_size=2, learning_rate=0.1)
FIELDS = {
    config.IngestConfig: {"dataset": "mnist", "validation_count": 1, "shard_size": 2},
    config.SampleConfig: {
        "num_samples": 4,
        "batch_size": 2,
        "langevin": LANGEVIN,
        "start": "noise",
        "num_strips": 1,
        "strip_frames": 11,
    },
    config.ClassifierConfig: {"num_epochs": 1, "batch_size": 2, "learning_rate": 0.1},
    config.EvaluateConfig: {
        "tasks": ("energies",),
        "num_images": 1,
        "num_neighbours": 1,
        "num_shown": 1,
        "classifier": CLASSIFIER,
    },
    config.ExportConfig: {"max_num": 1, "max_steps": 1},
}


@pytest.mark.parametrize("cls", FIELDS)
def test_good_settings_pass(cls):
    made = cls(**FIELDS[cls])
    assert all(getattr(made, name) == value for name, value in FIELDS[cls].items())


@pytest.mark.parametrize(
    "cls, name, value",
    [
        (config.IngestConfig, "dataset", "../etc"),
        (config.IngestConfig, "dataset", ""),
        (config.IngestConfig, "validation_count", 0),
        (config.IngestConfig, "shard_size", 0),
        (config.SampleConfig, "num_samples", 0),
        (config.SampleConfig, "batch_size", -1),
        (config.SampleConfig, "strip_frames", 12),  # more than there are states
        (config.SampleConfig, "strip_frames", 1),
        (config.ClassifierConfig, "learning_rate", 0.0),
        (config.EvaluateConfig, "tasks", ("energy",)),
        (config.EvaluateConfig, "tasks", ()),
        (config.EvaluateConfig, "tasks", ("energies", "energies")),
        (config.EvaluateConfig, "num_images", 0),
        (config.ExportConfig, "max_num", 0),
        (config.ExportConfig, "max_steps", 1.5),
    ],
)
def test_bad_setting_is_named(cls, name, value):
    with pytest.raises((ValueError, TypeError), match=f"`{name}` must be"):
        cls(**FIELDS[cls] | {name: value})
