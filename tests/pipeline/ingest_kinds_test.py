"""Ingesting folders, sequences and labels of numbers; interrupted, it starts clean."""

import dataclasses
import json
import os
import pathlib

import numpy as np
import pytest

from ebm_tf.data import shards
from ebm_tf.data.config import ImagesConfig
from ebm_tf.data.sources import base
from pipeline.settings.config import IngestConfig
from pipeline.stages import data_statistics, ingest
from tests import miniature

FOLDER = IngestConfig(
    dataset="folder",
    validation_count=4,
    shard_size=10,
    label_names=(),
    images=ImagesConfig(size=16, channels=3, corrupt="skip", test_share=0.2),
)


def statistics(made):
    return json.loads(pathlib.Path(made.file("statistics.json")).read_text())


def test_a_folder_of_images(tmp_path):
    folder = miniature.write_folder(tmp_path / "images")
    made = ingest.run(folder, str(tmp_path / "examples"), FOLDER, seed=0)
    assert made.details["shape"] == [16, 16, 3]
    assert made.details["class_names"] == ["class_0", "class_1", "class_2"]
    assert made.details["num_examples"] == {"train": 20, "validation": 4, "test": 6}
    assert sum(statistics(made)["train"]["class_counts"]) == 20


def test_labels_of_numbers(tmp_path):
    config = dataclasses.replace(
        FOLDER, dataset="dsprites", label_names=("x", "y"), images=None
    )
    folder = miniature.write_dsprites(tmp_path / "sprites")
    made = ingest.run(folder, str(tmp_path / "examples"), config, seed=0)
    assert made.details["num_classes"] is None
    assert made.details["label_names"] == ["x", "y"]
    assert len(statistics(made)["train"]["label_mean"]) == 2
    assert shards.Examples(made.file("train")).labels.shape == (50, 2)


def test_sequences_and_what_they_were_scaled_by(tmp_path):
    config = dataclasses.replace(FOLDER, dataset="trajectory", images=None)
    folder = miniature.write_trajectories(tmp_path / "recording")
    made = ingest.run(folder, str(tmp_path / "examples"), config, seed=0)
    assert made.details["shape"] == [16, 3]
    assert made.details["normalization"]["names"] == ["angle", "velocity", "torque"]
    assert shards.Examples(made.file("train")).dtype == np.float32


def test_an_image_that_spoils_on_the_way_leaves_nothing(tmp_path, monkeypatch):
    folder = miniature.write_folder(tmp_path / "images")
    load = base.load

    def then_spoil(*args):
        found = load(*args)
        for path in pathlib.Path(folder).rglob("*.*"):
            path.write_bytes(b"")
        return found

    monkeypatch.setattr(base, "load", then_spoil)
    with pytest.raises(OSError):
        ingest.run(folder, str(tmp_path / "run" / "examples"), FOLDER, seed=0)
    assert not (tmp_path / "run").exists()


def test_what_an_interruption_left_is_not_mixed_in(tmp_path, monkeypatch):
    folder = miniature.write_folder(tmp_path / "images")
    out = tmp_path / "examples"
    # A process that was killed: its folder stays, with a shard of another order.
    partial = tmp_path / "examples.partial" / "train"
    partial.mkdir(parents=True)
    (tmp_path / "examples.partial" / "request.json").write_text('{"request": {}}')
    np.save(partial / "images-00099.npy", np.zeros([1], np.uint8))
    made = ingest.run(folder, str(out), FOLDER, seed=0)
    assert "images-00099.npy" not in os.listdir(out / "train")
    assert not (tmp_path / "examples.partial").exists()

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(data_statistics, "with_progress", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ingest.run(folder, str(tmp_path / "other"), FOLDER, seed=0)
    assert not (tmp_path / "other.partial").exists()
    monkeypatch.undo()
    again = ingest.run(folder, str(tmp_path / "other"), FOLDER, seed=0)
    assert again.digest == made.digest
