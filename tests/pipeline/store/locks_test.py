"""Folders are held by one process at a time."""

import pytest

from ebm_tf import checks
from pipeline.store import locks


def test_a_folder_is_held_once_and_given_back(tmp_path):
    folder = str(tmp_path)
    with locks.locked(folder, "it"):
        again = locks.locked(folder, "it")
        with pytest.raises(checks.InvalidValueError, match="another process"), again:
            raise AssertionError("held twice")
    with locks.locked(folder, "it"):
        pass
