"""Trajectories need a folder."""

import pytest

from ebm_tf.data.sources.trajectory import Trajectory
from tests import miniature


def test_the_shape_is_that_of_the_recording(tmp_path):
    found = Trajectory().read(miniature.write_trajectories(tmp_path), (), None)
    assert found.shape == (16, 3) != Trajectory.shape
    with pytest.raises(ValueError, match="give --data_dir: --dataset=trajectory is"):
        Trajectory().read(None, (), None)
