"""Files of a checkpoint: its index comes last and goes first; nothing is covered."""

import pathlib

import pytest

from ebm_tf import checks
from ebm_tf.training import checkpoint_files


def make(path):
    for end in (".index", ".data-00000-of-00001"):
        pathlib.Path(f"{path}{end}").write_text(path.name)
    return path


def test_set_aside_takes_a_new_folder_and_only_that_checkpoint(tmp_path):
    first, other = make(tmp_path / "ckpt-1"), make(tmp_path / "ckpt-1-retry-1")
    (tmp_path / "damaged-1").write_text("mine")
    place = checkpoint_files.set_aside(first)
    assert place == tmp_path / "damaged-2"
    names = sorted(path.name for path in place.iterdir())
    assert names == ["ckpt-1.data-00000-of-00001", "ckpt-1.index"]
    assert len(list(tmp_path.glob(f"{other.name}.*"))) == 2
    assert (tmp_path / "damaged-1").read_text() == "mine"


def test_remove_leaves_other_checkpoints(tmp_path):
    first, other = make(tmp_path / "ckpt-1"), make(tmp_path / "ckpt-1-retry-1")
    checkpoint_files.remove(first)
    assert {path.stem for path in tmp_path.iterdir()} == {other.name}


def test_readable_is_what_is_a_file_that_can_be_read(tmp_path):
    path = make(tmp_path / "ckpt-1")
    checkpoint_files.require_readable(path)
    (tmp_path / "ckpt-1.data-00001-of-00002").mkdir()
    with pytest.raises(checks.InvalidValueError, match="must be a regular file"):
        checkpoint_files.require_readable(path)
