"""A normalized energy of noise levels through the stages, on 8x8 pictures."""

import json
import os
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import settings
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import bind_condition, load_energy
from pipeline.settings import overrides, presets
from pipeline.settings.config import RunConfig, StableHloConfig
from pipeline.stages import export, train
from pipeline.stages.evaluate import evaluate, level_likelihood
from pipeline.stages.sample import sample
from tests import small_run, tiny_model

_SMALL = [
    "energy.base.num_groups=6",
    "energy.embedding=8",
    "energy.widths=[4, 8]",
    "energy.middle_blocks=1",
    "energy.noise_levels.low=0.001",
    "num_updates=20",
    "train.batch_size=8",
    "train.preview_steps=4",
    "log_every=10",
    "image_every=20",
    "checkpoint_every=20",
    "num_samples=6",
    "sample.batch_size=4",
    "sampler.num_steps=8",
    "num_strips=2",
    "strip_frames=3",
    "evaluate.num_images=20",
    "evaluate.num_neighbours=2",
    "evaluate.num_shown=2",
    'evaluate.tasks=["energies", "level_likelihood"]',
    "level_likelihood.num_levels=[20, 40]",
    "level_likelihood.num_chains=8",
    "level_likelihood.num_images=6",
    "level_likelihood.num_learned=20",
    "level_likelihood.num_replicates=2",
    "level_likelihood.num_reverse=1",
    "level_likelihood.pilot_levels=12",
    "level_likelihood.pilot_chains=8",
    "export.max_num=8",
    "export.max_steps=20",
]


def config(*changes) -> RunConfig:
    _, data = presets.read_preset("digits_score")
    return settings.from_dict(
        RunConfig, overrides.apply_overrides(data, [*_SMALL, *changes])
    )


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "classes"])
def run(request, tmp_path_factory):
    """Paths of a trained run by kind, its settings, and whether it has classes."""
    folder = tmp_path_factory.mktemp("run")
    changes = ["energy.num_classes=3"] if request.param else []
    whole = config(*changes)
    paths = {"examples": small_run.make_examples(folder)}
    for kind in ("model", "samples", "evaluation", "export"):
        paths[kind] = str(folder / kind)
    train.run(paths["examples"], paths["model"], whole, 0, "one")
    sample.run(paths["model"], paths["samples"], whole.sample, 0)
    return paths, whole, request.param


def test_samples_are_at_the_lowest_level_with_their_energies(run):
    paths, _, has_classes = run
    folder = paths["samples"]
    images = np.load(os.path.join(folder, "samples.npy"))
    levels = np.load(os.path.join(folder, "noise_level.npy"))
    np.testing.assert_allclose(levels, 0.001)
    given = tf.constant(levels)
    if has_classes:
        labels = np.load(os.path.join(folder, "labels.npy"))
        np.testing.assert_array_equal(labels, np.arange(6) % 3)
        given = {"labels": tf.constant(labels), "noise_level": given}
    energy = load_energy(os.path.join(paths["model"], "model.keras"))
    found = energy(PIXELS.center(images), given)
    wanted = np.load(os.path.join(folder, "energies.npy"))
    # The ends were states, not the middles of their levels: some nats of 64 pixels.
    assert np.all(np.isfinite(wanted))
    assert np.max(np.abs(found - wanted)) < 64.0
    assert len(np.unique(images)) > 20


def test_the_base_is_fitted_before_training_and_stays(run):
    paths, _, _ = run
    energy = load_energy(os.path.join(paths["model"], "model.keras"))
    masses = energy.base_heights * (energy.base_edges[1:] - energy.base_edges[:-1])
    np.testing.assert_allclose(tf.reduce_sum(masses, axis=-1), 1.0, rtol=1e-5)
    images, _ = small_run.pictures(90, seed=0)
    share = np.mean(images == 0, axis=0) * 90 + 0.5
    wanted = share / (90 + 256 * 0.5)
    np.testing.assert_allclose(masses[..., 0], wanted, rtol=1e-4)


def test_the_likelihood_is_learned_and_checked(run, tmp_path):
    paths, whole, _ = run
    evaluate.run(
        paths["model"],
        paths["samples"],
        paths["examples"],
        paths["evaluation"],
        whole.evaluate,
        0,
        "one",
    )
    with open(os.path.join(paths["evaluation"], "metrics.json")) as file:
        found = json.load(file)["level_likelihood"]
    assert [row["num_levels"] for row in found["rows"]] == [20, 40]
    assert [row["counts"] for row in found["rows"]] == [False, True]
    assert found["learned"]["test"]["num_chains"] == 20
    row = found["rows"][1]
    apart = found["learned_of_checked"] - row["ais"]["point"]
    assert row["difference"]["point"] == pytest.approx(apart)
    assert row["raise"]["form"] == "at_least"
    # Two runs of 8 chains have no interval.
    assert (row["ais"]["form"], row["difference"]["form"]) == ("at_most", "at_least")
    report = pathlib.Path(paths["evaluation"], "report.html").read_text("utf-8")
    assert "learned and checked" in report
    again = level_likelihood.run(
        paths["model"],
        paths["examples"],
        str(tmp_path / "again"),
        whole.evaluate.level_likelihood,
        0,
    )
    with open(again.file("level_likelihood.json")) as file:
        assert json.load(file)["rows"] == found["rows"]


def test_an_exported_model_walks_down_the_levels(run):
    paths, whole, has_classes = run
    wanted = StableHloConfig(num=2, num_steps=8)
    exported = settings.from_dict(
        type(whole.export),
        settings.to_dict(whole.export) | {"stablehlo": settings.to_dict(wanted)},
    )
    export.run(
        paths["model"], paths["export"], exported, 0, sampler=whole.sample.sampler
    )
    served = tf.saved_model.load(os.path.join(paths["export"], "1")).signatures
    given = {"noise_level": tf.fill([5], 0.001)}
    if has_classes:
        given["labels"] = tf.constant([0, 1, 2, 0, 1])
    made = served["sample"](
        num=tf.constant(5), seed=tf.constant([1, 2]), num_steps=tf.constant(8), **given
    )["images"]
    assert made.shape == (5, 8, 8, 1)
    assert 0.0 <= np.min(made) and np.max(made) <= 1.0
    energies = served["energy"](images=made, **given)["energy"]
    energy = load_energy(os.path.join(paths["model"], "model.keras"))
    labels = given.get("labels")
    condition = {"labels": labels, "noise_level": given["noise_level"]}
    condition = condition if has_classes else condition["noise_level"]
    own = bind_condition(energy, condition)(made)
    np.testing.assert_allclose(energies, own, rtol=1e-3, atol=0.05)
    folder = os.path.join(paths["export"], "stablehlo")
    assert os.path.exists(os.path.join(folder, "sample.mlir"))


def test_a_walk_on_an_energy_without_levels_is_refused(tmp_path):
    model = tiny_model.make(tmp_path, False)
    whole = config()
    with pytest.raises(ValueError, match="`sampler.kind` must be of a sampler without"):
        sample.run(model, str(tmp_path / "samples"), whole.sample, 0)
    assert not os.path.exists(tmp_path / "samples")


def test_a_likelihood_of_levels_asks_for_levels(tmp_path):
    examples = small_run.make_examples(tmp_path)
    model = small_run.make_model(tmp_path, examples, False)
    asked = config().evaluate.level_likelihood
    with pytest.raises(ValueError, match="`model` must be of an energy of noise level"):
        level_likelihood.run(model, examples, str(tmp_path / "out"), asked, 0)


def test_the_task_asks_for_its_settings():
    _, data = presets.read_preset("mnist")
    changes = ['evaluate.tasks=["level_likelihood"]']
    with pytest.raises(ValueError, match="level_likelihood` must be given"):
        settings.from_dict(RunConfig, overrides.apply_overrides(data, changes))


def test_images_that_cannot_be_halved_so_often_are_refused(tmp_path):
    examples = small_run.make_examples(tmp_path)
    whole = config("energy.widths=[4, 8, 8, 8, 8]")
    with pytest.raises(ValueError, match="`energy.patch and energy.widths` must be"):
        train.run(examples, str(tmp_path / "model"), whole, 0, "one")
    assert not os.path.exists(tmp_path / "model")
