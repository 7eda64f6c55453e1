"""A folder of images of the user's, classes by subfolder."""

from ebm_tf.data import folder
from ebm_tf.data.sources.base import DataSource


class Folder(DataSource):
    """Images of any size and mode in a folder for each class."""

    kind = "folder"
    any_size = True
    files = "a folder for each class"

    def read(self, data_dir, label_names, images):
        self.require_data_dir(data_dir)
        return folder.read(data_dir, images)
