"""A folder of arrays of the user's: .npy files, or one .npz file."""

from ebm_tf.data import array_folder
from ebm_tf.data.sources.base import DataSource
from ebm_tf.data.types import Found


class Arrays(DataSource):
    """Points, signals, sequences or images, as `ebm_tf.data.array_folder` reads them.

    The shape is that of the files; points of two numbers are usual.
    """

    kind = "arrays"
    shape = (2,)
    space = None
    files = array_folder.FILES

    def read(self, data_dir, label_names, images) -> Found:
        self.require_data_dir(data_dir)
        return array_folder.read(data_dir)
