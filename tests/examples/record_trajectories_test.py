"""The recorder, with a stand-in for the simulator."""

import sys
import types

import numpy as np
import pytest

from ebm_tf.data.sources import base
from examples import record_trajectories


class _Environment:
    action_space = types.SimpleNamespace(low=-np.ones(2), high=np.ones(2))
    observation_space = types.SimpleNamespace(shape=(3,))
    dt = 0.02

    @property
    def unwrapped(self):
        return self

    def reset(self, seed):
        self._at = np.random.default_rng(seed).random(3)
        return self._at, {}

    def step(self, action):
        self._at = self._at + np.append(action, 1.0)
        return self._at, 0.0, False, False, {}


def run(monkeypatch, *args):
    monkeypatch.setattr(sys, "argv", ["record_trajectories", *map(str, args)])
    record_trajectories.main()


def test_it_writes_what_ingest_reads(tmp_path, monkeypatch):
    simulator = types.SimpleNamespace(make=lambda name: _Environment())
    monkeypatch.setitem(sys.modules, "gymnasium", simulator)
    words = "--num=6", "--num_test=2", "--num_steps=8"
    run(monkeypatch, f"--out={tmp_path}", *words)
    source = base.load("trajectory", str(tmp_path))
    assert source.shape == (8, 5)
    assert source.normalization["names"][2:] == ["observed_2", "control_0", "control_1"]
    counts = {name: split.num_examples for name, split in source.splits.items()}
    assert counts == {"train": 6, "test": 2}
    run(monkeypatch, f"--out={tmp_path}/cut", *words, "--window=4")
    cut = np.load(tmp_path / "cut" / "train.npy")
    whole = np.load(tmp_path / "train.npy")
    np.testing.assert_array_equal(cut.reshape(whole.shape), whole)


def test_a_window_longer_than_a_recording_is_one_line(tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        run(monkeypatch, f"--out={tmp_path}", "--num_steps=8", "--window=9")
    assert "--window must be from 1 to 8, --num_steps" in capsys.readouterr().err


def test_without_a_simulator_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(SystemExit, match="pip install 'gymnasium\\[mujoco\\]'"):
        run(monkeypatch, f"--out={tmp_path}")
