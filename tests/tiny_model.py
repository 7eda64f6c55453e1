"""A `model` artifact of a tiny network with random weights, made in a second."""

import os

import numpy as np

from ebm_tf import settings
from pipeline.settings import presets
from pipeline.settings.config import RunConfig
from pipeline.store import artifacts

SHAPE = (8, 8, 1)
CLASS_NAMES = ["zero", "one", "two"]
NUM_SLOTS = 5
_NETWORKS = {
    False: {
        "kind": "convnet",
        "stem_filters": 2,
        "filters": 2,
        "activation": "swish",
        "kernel_initializer": "glorot_uniform",
        "normalize_head": False,
    },
    True: {
        "kind": "resnet",
        "stem_filters": 2,
        "stage_filters": [4],
        "stage_blocks": [1],
        "activation": "swish",
        "head_activation": "relu",
        "kernel_initializer": "glorot_uniform",
        "normalize_head": False,
        "attention_stage": None,
        "num_classes": len(CLASS_NAMES),
        "label_dims": None,
    },
}
_CHAIN = {
    "kind": "langevin",
    "num_steps": 4,
    "step_size": 50.0,
    "noise_std": 0.01,
    "grad_clip": None,
}


def run_config(conditional: bool, noise_levels: dict | None = None) -> RunConfig:
    """Returns the settings of the run that the model stands for."""
    _, data = presets.read_preset("mnist")
    data["energy"] = dict(_NETWORKS[conditional])
    if noise_levels is not None:
        data["energy"]["noise_levels"] = noise_levels
    data["sample"] = {
        "num_samples": 7,
        "batch_size": 3,
        "start": "noise",
        "sampler": _CHAIN,
        "ensemble": "mean",
        "process": None,
        "png_files": False,
        "num_strips": 2,
        "strip_frames": 3,
    }
    data["export"] = {
        "max_num": 8,
        "max_steps": 10,
        "dtype": "float32",
        "stablehlo": None,
    }
    return settings.from_dict(RunConfig, data)


def make(folder, conditional: bool, noise_levels: dict | None = None) -> str:
    """Writes the artifact into `folder`/model; returns its path.

    Args:
        folder: An existing folder.
        conditional: Whether the energy depends on a class.
        noise_levels: Settings of the noise levels that it depends on, if any.
    """
    from ebm_tf import rng
    from ebm_tf.energy.build import build_energy, save_energy

    config = run_config(conditional, noise_levels)
    path = os.path.join(folder, "model")
    with artifacts.writing(path, "model", config, {}, seed=0) as scratch:
        energy = build_energy(config.energy, SHAPE, seed=1)
        # Gains, biases and last convolutions start where labels do nothing.
        for index, weight in enumerate(energy.trainable_variables):
            noise = rng.normal(rng.make_seed(index), weight.shape)
            weight.assign_add(0.3 * noise)
        save_energy(energy, os.path.join(scratch.folder, "model.keras"))
        _save_replay(scratch.folder, conditional, noise_levels)
        scratch.details.update(
            shape=list(SHAPE),
            num_classes=config.energy.num_classes,
            class_names=CLASS_NAMES,
            updates=5,
        )
    return path


def _save_replay(folder: str, conditional: bool, noise_levels) -> None:
    """Writes a replay buffer of random pictures, as training leaves it."""
    random = np.random.default_rng(0)
    states = random.integers(0, 256, [NUM_SLOTS, *SHAPE]).astype(np.uint8)
    np.save(os.path.join(folder, "replay.npy"), states)
    if conditional:
        labels = random.integers(0, len(CLASS_NAMES), NUM_SLOTS).astype(np.int32)
        np.save(os.path.join(folder, "replay_labels.npy"), labels)
    if noise_levels is not None:
        low, high = noise_levels["low"], noise_levels["high"]
        levels = random.uniform(low, high, NUM_SLOTS).astype(np.float32)
        np.save(os.path.join(folder, "replay_noise_level.npy"), levels)
