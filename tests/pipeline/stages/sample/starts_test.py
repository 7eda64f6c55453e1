"""Labels in turn, and slots each once; `sample_replay_test` has the images."""

import numpy as np
import pytest

from ebm_tf.conditions import Classes, NoiseLevel, Several
from pipeline.stages.sample.starts import Starts
from pipeline.store.artifacts import Artifact


@pytest.fixture
def trained(tmp_path):
    np.save(tmp_path / "replay.npy", np.arange(5, dtype=np.uint8)[:, None])
    np.save(tmp_path / "replay_labels.npy", np.array([4, 3, 2, 1, 0], np.int32))
    return Artifact(str(tmp_path), {})


def test_from_noise_the_classes_come_in_turn(trained):
    starts = Starts(trained, Classes(3), "noise", seed=0)
    assert starts.stored(0, 4) is None
    np.testing.assert_array_equal(starts.condition(2, 4), [2, 0, 1, 2])
    assert Starts(trained, None, "noise", seed=0).condition(0, 4) is None


def test_from_the_buffer_every_slot_comes_once_with_its_label(trained):
    starts = Starts(trained, Classes(5), "replay", seed=1)
    slots = np.concatenate([starts.stored(0, 3), starts.stored(3, 2)])[:, 0]
    assert sorted(slots) == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(starts.condition(0, 5), 4 - slots)
    np.testing.assert_array_equal(starts.stored(5, 5)[:, 0], slots)
    np.testing.assert_array_equal(starts.in_turn(3, 2), [3, 4])


def test_several_conditions_come_in_turn_or_from_their_slots(trained, tmp_path):
    levels = np.array([0.5, 0.4, 0.3, 0.2, 0.1], np.float32)
    np.save(tmp_path / "replay_noise_level.npy", levels)
    space = Several({"labels": Classes(5), "noise_level": NoiseLevel(0.1, 1.0)})
    turn = Starts(trained, space, "noise", seed=0).condition(2, 4)
    np.testing.assert_array_equal(turn["labels"], [2, 3, 4, 0])
    np.testing.assert_array_equal(
        turn["noise_level"], space.parts["noise_level"].in_turn(2, 4)
    )
    starts = Starts(trained, space, "replay", seed=1)
    slots, held = starts.stored(0, 5)[:, 0], starts.condition(0, 5)
    np.testing.assert_array_equal(held["labels"], 4 - slots)
    np.testing.assert_array_equal(held["noise_level"], levels[slots])
