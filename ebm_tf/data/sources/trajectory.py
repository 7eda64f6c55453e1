"""Trajectories of a simulator, as a folder holds them."""

from ebm_tf.data import trajectories
from ebm_tf.data.sources.base import DataSource
from ebm_tf.data.types import UNIT_FLOATS


class Trajectory(DataSource):
    """Sequences of states and actions, scaled to [0, 1]."""

    kind = "trajectory"
    shape = (50, 12)
    space = UNIT_FLOATS
    files = "train.npy, test.npy and recording.json"

    def read(self, data_dir, label_names, images):
        self.require_data_dir(data_dir)
        return trajectories.read(data_dir)
