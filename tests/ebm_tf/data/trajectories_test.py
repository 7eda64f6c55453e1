"""Recordings: smooth controls, files, scaling, and damage."""

import types

import numpy as np
import pytest

from ebm_tf.data import trajectories
from ebm_tf.data.sources import base
from tests import miniature


class _Drift:
    """A simulator of gymnasium's interface: position plus what was pushed."""

    action_space = types.SimpleNamespace(
        low=np.float32([-2, 0]), high=np.float32([2, 1])
    )

    def __init__(self, length=1000):
        self._length = length

    def reset(self, seed):
        self._at, self._time = np.zeros(2), 0
        self.seed = seed
        return self._at, {}

    def step(self, action):
        self._at, self._time = self._at + action, self._time + 1
        return self._at, 0.0, self._time >= self._length, False, {}


def test_a_recording_is_observations_and_the_actions_taken():
    rows = trajectories.record(_Drift(), num=5, num_steps=20, seed=0)
    assert rows.shape == (5, 20, 4) and rows.dtype == np.float32
    states, actions = rows[..., :2], rows[..., 2:]
    np.testing.assert_allclose(np.diff(states, axis=1), actions[:, :-1], atol=1e-4)
    np.testing.assert_array_equal(states[:, 0], 0.0)


def test_controls_are_smooth_and_within_bounds():
    actions = trajectories.record(_Drift(), num=100, num_steps=50, seed=0)[..., 2:]
    assert actions[..., 0].min() >= -2 and actions[..., 0].max() <= 2
    assert actions[..., 1].min() >= 0 and actions[..., 1].max() <= 1
    scaled = (actions - [0.0, 0.5]) / [1.0, 0.25]  # standard deviation 1, but clipped
    change, size = np.diff(scaled, axis=1).std(), scaled.std()
    # Independent controls would change by sqrt(2) of their size; these by
    # sqrt(2 * (1 - 0.9)), less what is clipped.
    assert 0.3 < change / size < 0.6
    assert 0.8 < size < 1.0


def test_the_seed_decides():
    one, same, other = (
        trajectories.record(_Drift(), num=2, num_steps=5, seed=s) for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_episodes_that_end_too_soon_are_refused():
    with pytest.raises(ValueError, match="`num_steps` must be that an episode lasts"):
        trajectories.record(_Drift(length=3), num=2, num_steps=5, seed=0)


def test_windows_are_pieces_one_after_another():
    whole = np.arange(2 * 7 * 3).reshape(2, 7, 3)
    pieces = trajectories.windows(whole, 3)
    assert pieces.shape == (4, 3, 3)
    np.testing.assert_array_equal(pieces[1], whole[0, 3:6])
    np.testing.assert_array_equal(pieces[2], whole[1, :3])
    with pytest.raises(ValueError, match="`length` must be at most 7. Received"):
        trajectories.windows(whole, 8)


def joined(split):
    return np.concatenate([states for states, _ in split.chunks()])


def test_what_is_read_is_scaled_by_the_training_set(tmp_path):
    source = base.load("trajectory", miniature.write_trajectories(tmp_path))
    assert source.shape == (16, 3) and source.num_classes is None
    assert "pendulum in" in source.origin and len(source.checksums) == 3
    raw, scaled = np.load(tmp_path / "train.npy"), joined(source.splits["train"])
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled[..., :2].min((0, 1)), 0.0)
    np.testing.assert_allclose(scaled[..., :2].max((0, 1)), 1.0)
    np.testing.assert_array_equal(scaled[..., 2], 0.0)  # it never changes
    kept = source.normalization
    assert kept["names"] == ["angle", "velocity", "torque"]
    low, high = np.asarray(kept["low"]), np.asarray(kept["high"])
    np.testing.assert_allclose(low + scaled * (high - low), raw, atol=1e-5)
    test = joined(source.splits["test"])
    assert test.min() >= 0 and test.max() <= 1


@pytest.mark.parametrize(
    "name, change, text",
    [
        ("train.npy", lambda a: a.astype(np.float64), r"must hold float32 \[n, T, D\]"),
        ("train.npy", lambda a: a * np.float32("nan"), "must hold finite numbers"),
        ("test.npy", lambda a: a[:, :5], r"must hold \(16, 3\) as train"),
        ("test.npy", lambda a: a[:0], "at least one"),
    ],
)
def test_wrong_arrays_are_one_line(tmp_path, name, change, text):
    miniature.write_trajectories(tmp_path)
    np.save(tmp_path / name, change(np.load(tmp_path / name)))
    with pytest.raises(ValueError, match=text):
        base.load("trajectory", str(tmp_path))


@pytest.mark.parametrize(
    "content, text",
    [
        ("[", "is not JSON"),
        ("[]", "must hold one JSON object"),
        ('{"names": ["a"]}', "must have 3 names"),
    ],
)
def test_wrong_notes_are_one_line(tmp_path, content, text):
    miniature.write_trajectories(tmp_path)
    (tmp_path / "recording.json").write_text(content)
    with pytest.raises(ValueError, match=text):
        base.load("trajectory", str(tmp_path))
