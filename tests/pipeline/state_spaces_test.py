"""Points, sequences, images and four axes, open or bounded, through the pipeline."""

import dataclasses
import json
import pathlib

import numpy as np
import pytest

from ebm_tf import settings
from ebm_tf.data import shards
from pipeline.settings import overrides, presets
from pipeline.settings.config import RunConfig
from pipeline.stages import export, ingest, train
from pipeline.stages.evaluate import evaluate
from pipeline.stages.sample import sample
from tests import miniature

DRAW = np.random.default_rng(0)
CONVNET = ["energy.stem_filters=4", "energy.filters=4"]
SMALL = [
    "validation_count=4",
    "num_updates=2",
    "train.batch_size=4",
    "train.langevin.num_steps=2",
    "train.replay.capacity=16",
    "num_samples=6",
    "sample.batch_size=6",
    "sample.sampler.num_steps=2",
    "num_strips=2",
    "strip_frames=2",
    "png_files=true",
    "log_every=1",
    "image_every=1",
    "preview_steps=1",
]


def config_of(preset: str, *changes: str) -> RunConfig:
    _, data = presets.read_preset(preset)
    data = overrides.apply_overrides(data, [*SMALL, *changes])
    return settings.from_dict(RunConfig, data)


MLP = config_of("arrays", "energy.widths=[8, 8]")
IMAGES = dataclasses.replace(
    config_of("mnist_small", *CONVNET), ingest=MLP.ingest, evaluate=MLP.evaluate
)
SEQUENCE = dataclasses.replace(
    config_of("trajectory", "energy.filters=[4, 4]", "start=noise"),
    ingest=MLP.ingest,
    evaluate=MLP.evaluate,
)
GRAY = DRAW.integers(0, 17, [40, 6, 6], np.uint8)
UNIT = DRAW.random([40, 12], np.float32)
WIDE = (10.0 * UNIT - 5.0).astype(np.float32)
# Name -> arrays, what space.json says, settings, pictures of samples.
CASES = {
    "points": (WIDE[:, :2], None, MLP, {"grid.png", "strip.png"}),
    "table in a box": (WIDE, {"low": -6, "high": 6}, MLP, set()),
    "sequences": (
        WIDE.reshape(40, 6, 2),
        {"open": True},
        SEQUENCE,
        {"grid.png", "strip.png", "strip.gif", "png"},
    ),
    "four axes": (UNIT.reshape(40, 2, 1, 3, 2), None, MLP, set()),
    "two channels": (UNIT.reshape(40, 3, 2, 2), None, IMAGES, set()),
    "17 levels": (
        GRAY,
        {"low": -1, "high": 1, "num_levels": 17},
        IMAGES,
        {"grid.png", "strip.png", "strip.gif", "png"},
    ),
    "float images": (
        UNIT.reshape(40, 2, 2, 3),
        None,
        IMAGES,
        {"grid.png", "strip.png", "strip.gif", "png"},
    ),
}


def run(folder: pathlib.Path, rows, said, config) -> dict:
    data = folder / "data"
    data.mkdir()
    np.save(data / "train.npy", rows)
    if said is not None:
        (data / "space.json").write_text(json.dumps(said))
    paths = {
        kind: str(folder / kind)
        for kind in ("examples", "model", "samples", "evaluation", "export")
    }
    made = {}
    made["examples"] = ingest.run(str(data), paths["examples"], config.ingest, 0)
    made["model"] = train.run(paths["examples"], paths["model"], config, 0, "one")
    made["samples"] = sample.run(paths["model"], paths["samples"], config.sample, 0)
    made["evaluation"] = evaluate.run(
        paths["model"],
        paths["samples"],
        paths["examples"],
        paths["evaluation"],
        config.evaluate,
        0,
        "one",
    )
    made["export"] = export.run(paths["model"], paths["export"], config.export, 0)
    return made


@pytest.mark.parametrize("name", CASES)
def test_from_arrays_to_an_export(tmp_path, name, capsys):
    rows, said, config, pictures = CASES[name]
    made = run(tmp_path, rows, said, config)
    space = made["examples"].details["space"]
    for kind in ("model", "samples", "export"):
        assert made[kind].details["space"] == space
    stored = shards.Examples(made["examples"].file("train"))
    assert stored.space.to_dict() == space
    samples = np.load(made["samples"].file("samples.npy"))
    assert samples.shape == (6, *stored.shape) and samples.dtype == stored.dtype
    assert len(np.unique(samples)) > 1
    if space["kind"] == "box":
        top = space["high"] if space["num_levels"] is None else 16
        low = space["low"] if space["num_levels"] is None else 0
        assert low <= samples.min() and samples.max() <= top
    files = {each.partition("/")[0] for each in made["samples"].manifest["files"]}
    names = {"grid.png", "strip.png", "strip.gif", "png"}
    assert files & names == pictures
    none = f"sample: states of shape {stored.shape} have no pictures"
    assert (none in capsys.readouterr().out) == (not pictures)
    metrics = json.loads(
        pathlib.Path(made["evaluation"].file("metrics.json")).read_text()
    )
    assert metrics["energies"]["not_finite"] == {}
    assert metrics["neighbours"]["sets"]["samples"]["num"] == 6
    page = pathlib.Path(made["evaluation"].file("report.html")).read_text()
    assert ("These states are no images" in page) == (len(stored.shape) != 3)
    assert ("points.png" in made["evaluation"].manifest["files"]) == (
        stored.shape == (2,)
    )


def test_what_evaluate_cannot_do_is_said(capsys):
    points = {"shape": [2], "num_classes": 3, "space": {"num_levels": None}}
    tasks = ["energies", "classifier", "likelihood"]
    assert evaluate.possible_tasks(tasks, points) == ["energies"]
    floats = points | {"shape": [8, 8, 1], "num_classes": None}
    assert evaluate.possible_tasks(tasks, floats) == ["energies"]
    old = {"shape": [8, 8, 1], "num_classes": 3}
    assert evaluate.possible_tasks(tasks, old) == tasks
    assert capsys.readouterr().out.splitlines() == [
        "evaluate: left out the task classifier: it is of images, and these states "
        "have the shape [2]",
        "evaluate: left out the task likelihood: it is of images, and these states "
        "have the shape [2]",
        "evaluate: left out the task classifier: the examples have no classes",
        "evaluate: left out the task likelihood: it is of images in levels, and these "
        "are floats",
    ]


def test_digits_keep_their_17_levels(tmp_path):
    _, data = presets.read_preset("digits")
    data = overrides.apply_overrides(data, ["validation_count=100"])
    config = settings.from_dict(RunConfig, data)
    made = ingest.run(None, str(tmp_path / "examples"), config.ingest, 0)
    again = ingest.run(None, str(tmp_path / "other"), config.ingest, 1)
    assert made.details["num_examples"] == {
        "train": 1338,
        "validation": 100,
        "test": 359,
    }
    assert made.details["space"]["num_levels"] == 17
    assert made.details["class_names"] == list("0123456789")
    statistics = json.loads(pathlib.Path(made.file("statistics.json")).read_text())
    assert statistics["test"]["max"] == [16.5 / 17]
    assert list(made.manifest["notes"]["checksums"]) == ["sklearn.datasets.load_digits"]
    # The seed decides what is held out for validation, not what is test.
    one, other = (shards.Examples(a.file("test")) for a in (made, again))
    np.testing.assert_array_equal(
        one.gather(np.arange(359))[0], other.gather(np.arange(359))[0]
    )


def test_a_network_of_another_kind_of_states_is_refused(tmp_path):
    folder = miniature.write_arrays(tmp_path / "data")
    examples = str(tmp_path / "examples")
    ingest.run(folder, examples, MLP.ingest, 0)
    with pytest.raises(ValueError) as caught:
        train.run(examples, str(tmp_path / "model"), IMAGES, 0, "one")
    assert str(caught.value).startswith(
        "`energy.kind` must be a network for examples of shape [2]"
    )
