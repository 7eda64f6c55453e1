"""A folder of images needs a folder."""

import pytest

from ebm_tf.data.config import ImagesConfig
from ebm_tf.data.sources.folder import Folder
from tests import miniature

IMAGES = ImagesConfig(size=16, channels=3, corrupt="skip", test_share=0.2)


def test_classes_are_the_folders_of_a_folder(tmp_path):
    found = Folder().read(miniature.write_folder(tmp_path), (), IMAGES)
    assert found.class_names == ("class_0", "class_1", "class_2")
    with pytest.raises(ValueError, match="give --data_dir: --dataset=folder is read"):
        Folder().read(None, (), IMAGES)
