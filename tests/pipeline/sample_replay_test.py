"""Samples whose chains start in the replay buffer of training."""

import dataclasses
import os

import numpy as np
import pytest

from ebm_tf import rng
from ebm_tf.box import PIXELS
from pipeline.stages.sample import sample
from tests import tiny_model

# Noise far above the drift, which would take this network's states to the edges.
LOOSE = {"step_size": 1.0, "noise_std": 0.1}


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "conditional"])
def conditional(request):
    return request.param


@pytest.fixture(scope="module")
def model(conditional, tmp_path_factory):
    return tiny_model.make(tmp_path_factory.mktemp("run"), conditional)


def draw(model, out, conditional, seed=3, **changes):
    config = tiny_model.run_config(conditional).sample
    sampler = dataclasses.replace(config.sampler, **changes)
    config = dataclasses.replace(config, start="replay", sampler=sampler)
    made = sample.run(model, str(out), config, seed=seed)
    names = [name for name in made.manifest["files"] if name.endswith(".npy")]
    return {name: np.load(made.file(name)) for name in names}


def slots_of(model):
    states = np.load(os.path.join(model, "replay.npy"))
    labels = os.path.join(model, "replay_labels.npy")
    return states, np.load(labels) if os.path.exists(labels) else None


def nearest_slots(images, states):
    """Returns which slot each image is, when chains have not moved."""
    rows = images.reshape(len(images), 1, -1).astype(int)
    distances = np.abs(rows - states.reshape(1, len(states), -1)).max(axis=2)
    assert distances.min(axis=1).max() <= 1  # decoding and encoding may round
    return distances.argmin(axis=1)


def test_chains_start_at_the_slots_each_once_before_any_again(
    model, conditional, tmp_path
):
    # A step of this size moves no pixel by a level: the images are the slots.
    got = draw(model, tmp_path / "samples", conditional, step_size=1e-9, noise_std=0.0)
    states, labels = slots_of(model)
    slots = nearest_slots(got["samples.npy"], states)
    first_round, second_round = slots[: len(states)], slots[len(states) :]
    assert sorted(first_round) == list(range(len(states)))
    np.testing.assert_array_equal(second_round, first_round[: len(second_round)])
    assert first_round.tolist() != list(range(len(states)))  # drawn, not in order
    if conditional:
        np.testing.assert_array_equal(got["labels.npy"], labels[slots])


def test_chains_move_from_the_slots_and_the_seed_decides(model, conditional, tmp_path):
    runs = [
        draw(model, tmp_path / name, conditional, seed, **LOOSE)["samples.npy"]
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert (runs[0] != runs[2]).mean() > 0.5
    states, _ = slots_of(model)
    distances = np.abs(runs[0][:, None].astype(int) - states[None]).max(axis=(2, 3, 4))
    assert distances.min(axis=1).min() > 10


def test_strips_are_chains_from_noise(model, conditional, tmp_path):
    got = draw(model, tmp_path / "samples", conditional)
    strip = got["strip.npy"]
    assert strip.shape == (3, 2, *tiny_model.SHAPE)
    batch_seed = rng.fold_in(rng.make_seed(3), 0)
    noise_seed, _ = rng.split(batch_seed, 2)
    noise = PIXELS.encode(PIXELS.uniform(noise_seed, strip.shape[1:]))
    np.testing.assert_array_equal(strip[0], noise)
