"""The runners of StableHLO programs; where JAX is installed, which is optional."""

import csv
import sys

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import PIXELS
from ebm_tf.data import shards
from ebm_tf.export import stablehlo, stablehlo_update
from ebm_tf.training.state import state_variables
from examples import stablehlo_program, stablehlo_sample, stablehlo_train
from tests.ebm_tf.export import small
from tests.ebm_tf.training import small as small_training

NUM_UPDATES = 4


def run(module, monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", [module.__name__, *map(str, words)])
    module.main()


def test_jax_samples_what_tensorflow_does(tmp_path, monkeypatch, capsys):
    pytest.importorskip("jax")
    model, *_ = small.export(small.CONVNET, tmp_path)
    kernel_at = small.LANGEVIN.kernel_at(PIXELS)
    chain = {"num": 3, "num_steps": 4}
    folder = str(tmp_path / "stablehlo")
    stablehlo.export_stablehlo(model, kernel_at, PIXELS, folder, **chain)
    words = [f"--folder={folder}", f"--out={tmp_path}", "--seed=5"]
    run(stablehlo_sample, monkeypatch, *words)
    assert "second call: 3 images" in capsys.readouterr().out
    sample = stablehlo.sample_function(model, kernel_at, PIXELS, **chain)
    weights = [tf.convert_to_tensor(v) for v in model.variables]
    expected = sample(weights, tf.constant([5, 0]))
    got = np.load(tmp_path / "samples.npy")
    np.testing.assert_allclose(got, expected, atol=1e-4)


def test_a_folder_that_holds_no_program_is_named(tmp_path):
    pytest.importorskip("jax")
    with pytest.raises(FileNotFoundError, match="arguments.json"):
        stablehlo_program.Program(str(tmp_path), "sample.mlir")


def test_jax_trains_as_tensorflow_does_and_resumes(tmp_path, monkeypatch, capsys):
    pytest.importorskip("jax")
    data = list(small_training.batches(0, NUM_UPDATES))
    examples, update, out = (tmp_path / name for name in ("data", "update", "out"))
    shards.write_split(str(examples), data, shard_size=6)
    trainer = small_training.trainer()
    stablehlo_update.export_update(trainer, str(update))
    order = np.arange(4 * NUM_UPDATES, dtype=np.uint32).reshape(NUM_UPDATES, 4)
    np.save(update / "order.npy", order)
    words = (f"--update={update}", f"--examples={examples}", f"--out={out}")
    run(stablehlo_train, monkeypatch, *words, "--num=2", "--log_every=2")
    run(stablehlo_train, monkeypatch, *words, "--log_every=1")
    assert "the state after update 4 of 4" in capsys.readouterr().out
    function = stablehlo_update.update_function(trainer)
    logs = [function(tf.constant(images), trainer.seed) for images, _ in data]
    with np.load(out / "state.npz") as file:
        for name, variable in state_variables(trainer).items():
            if name in file:
                np.testing.assert_allclose(file[name], variable, atol=1e-4)
        assert file["adam/iteration"] == NUM_UPDATES
    with open(update / "update.mlir", "ab") as file:
        file.write(b"\n")
    with pytest.raises(SystemExit) as ended:
        run(stablehlo_train, monkeypatch, *words)
    assert ended.value.code == 2
    assert "is of another program" in capsys.readouterr().err
    with open(out / "log.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["update"] for row in rows] == ["2", "3", "4"]
    for row, log in zip(rows, logs[1:], strict=True):
        assert float(row["gap"]) == pytest.approx(float(log["gap"]), abs=1e-4)


def test_examples_are_read_from_every_shard(tmp_path):
    images = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((2, 2, 1))
    labels = np.arange(5, dtype=np.int32)
    chunk = (images.astype(np.uint8), labels)
    shards.write_split(str(tmp_path / "data"), [chunk], shard_size=2)
    found = stablehlo_train.Shards(str(tmp_path / "data"))
    indices = np.array([4, 0, 3, 1], np.uint32)
    np.testing.assert_array_equal(found.gather("labels", indices), indices)
    np.testing.assert_array_equal(found.gather("images", indices), images[indices])
