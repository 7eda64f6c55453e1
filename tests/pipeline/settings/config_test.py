"""Rules of the stages' settings."""

import dataclasses

import pytest

from ebm_tf import settings
from ebm_tf.sampling.config import ProcessConfig
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.sampling.samplers.mala import MalaSampler
from pipeline.settings import config, presets

LANGEVIN = LangevinSampler(num_steps=10, step_size=1.0, noise_std=0.0, grad_clip=None)
PROCESS = ProcessConfig(
    capacity=3,
    num_rounds=4,
    steps_per_round=2,
    noise_factor=1.5,
    fresh_prob=0.1,
    flip_prob=0.2,
    num_flip_rounds=2,
    num_final_rounds=1,
)
PRESET = settings.from_dict(config.RunConfig, presets.read_preset("mnist")[1])
CLASSIFIER = config.ClassifierConfig(num_epochs=1, batch_size=2, learning_rate=0.1)
FIELDS = {
    config.IngestConfig: {
        "dataset": "mnist",
        "validation_count": 1,
        "shard_size": 2,
        "label_names": (),
        "images": None,
    },
    config.SampleConfig: {
        "num_samples": 4,
        "batch_size": 2,
        "start": "noise",
        "sampler": LANGEVIN,
        "ensemble": "mean",
        "process": PROCESS,
        "png_files": False,
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
        "likelihood": PRESET.evaluate.likelihood,
        "gates": PRESET.evaluate.gates,
    },
    config.GatesConfig: {
        "max_energy_gap": 1.5,
        "min_confident_share": 0.0,
        "min_class_share": None,
    },
    config.StableHloConfig: {"num": 1, "num_steps": 2},
    config.ExportConfig: {
        "max_num": 1,
        "max_steps": 1,
        "dtype": "bfloat16",
        "stablehlo": None,
    },
}


@pytest.mark.parametrize("cls", FIELDS)
def test_good_settings_pass(cls):
    made = cls(**FIELDS[cls])
    assert all(getattr(made, name) == value for name, value in FIELDS[cls].items())


@pytest.mark.parametrize(
    "cls, name, value",
    [
        (config.IngestConfig, "dataset", "../etc"),
        (config.GatesConfig, "max_energy_gap", 0.0),
        (config.GatesConfig, "min_confident_share", 1.1),
        (config.GatesConfig, "min_class_share", -0.1),
        (config.IngestConfig, "dataset", ""),
        (config.IngestConfig, "validation_count", 0),
        (config.IngestConfig, "shard_size", 0),
        (config.SampleConfig, "num_samples", 0),
        (config.SampleConfig, "batch_size", -1),
        (config.SampleConfig, "strip_frames", 12),  # more than there are states
        (config.SampleConfig, "strip_frames", 1),
        (config.SampleConfig, "ensemble", "median"),
        (config.SampleConfig, "batch_size", 4),  # more than the process has slots
        (config.ClassifierConfig, "learning_rate", 0.0),
        (config.EvaluateConfig, "tasks", ("energy",)),
        (config.EvaluateConfig, "tasks", ()),
        (config.EvaluateConfig, "tasks", ("energies", "energies")),
        (config.EvaluateConfig, "num_images", 0),
        (config.ExportConfig, "max_num", 0),
        (config.ExportConfig, "max_steps", 1.5),
        (config.ExportConfig, "dtype", "float16"),
        (config.StableHloConfig, "num", 0),
        (config.StableHloConfig, "num_steps", 0),
    ],
)
def test_bad_setting_is_named(cls, name, value):
    with pytest.raises((ValueError, TypeError), match=f"`{name}` must be"):
        cls(**FIELDS[cls] | {name: value})


def test_the_process_takes_langevin_chains_alone():
    mala = MalaSampler(num_steps=10, step_size=1.0, noise_std=0.1)
    with pytest.raises(ValueError, match="`sampler.kind` must be 'langevin'"):
        config.SampleConfig(**FIELDS[config.SampleConfig] | {"sampler": mala})


@pytest.mark.parametrize(
    "name, value",
    [
        ("capacity", 0),
        ("steps_per_round", 0),
        ("noise_factor", 0.0),
        ("fresh_prob", 1.1),
        ("flip_prob", -0.1),
        ("num_final_rounds", 5),
        ("num_flip_rounds", -1),
    ],
)
def test_bad_setting_of_the_process_is_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(PROCESS, **{name: value})
