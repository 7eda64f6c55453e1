"""dSprites, drawn or as published."""

from ebm_tf.data.sources.dsprites import DSprites
from tests import miniature


def test_without_a_folder_it_is_drawn(tmp_path):
    drawn = DSprites().read(None, ("x",), None)
    assert drawn.origin == "Drawn by ebm_tf.data.sprites"
    assert drawn.label_names == ("x",)
    folder = miniature.write_dsprites(tmp_path, 60)
    assert len(DSprites().read(folder, (), None).paths) == 1
