"""The command `train` where it cannot write: a full disk, a folder for reading only."""

import pathlib
import resource
import subprocess

import pytest

from pipeline.commands import train as train_command
from pipeline.store import artifacts
from tests import small_run

FLAGS = (*small_run.TRAIN_FLAGS, "--set=train.num_updates=16")


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return small_run.make_examples(tmp_path_factory.mktemp("data"))


@pytest.fixture
def disk(tmp_path):
    """A folder that is a disk of its own of 200 kB, of which 20 are taken."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (subprocess.CalledProcessError, FileNotFoundError):
        pytest.skip("no permission to mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def remount(folder, option):
    subprocess.run(["mount", "-o", f"remount,{option}", str(folder)], check=True)


def test_a_full_disk_is_one_line_and_with_room_the_same_command_goes_on(
    disk, examples, ended
):
    args = (*FLAGS, f"--examples={examples}", f"--out={disk}/run")
    code, _, err = ended(train_command.main, *args)
    assert code == 2
    last = err.rstrip().splitlines()[-1]
    checkpoints = disk / "run" / "model.partial" / "checkpoints"
    assert last.startswith(f"train: cannot write {checkpoints}/ckpt-")
    assert last.endswith(": No space left on device") and "Traceback" not in err
    kept = [path.name for path in checkpoints.iterdir()]
    assert not (disk / "run" / "model").exists() and "unfinished" not in kept
    updates = {int(name.partition(".")[0].removeprefix("ckpt-")) for name in kept}
    remount(disk, "size=4m")
    code, out, _ = ended(train_command.main, *args)
    assert code == 0
    assert f"train: going on after update {max(updates)}" in out
    assert artifacts.load(f"{disk}/run/model", "model").details["updates"] == 16


def test_a_folder_for_reading_only_is_one_line(disk, examples, ended):
    remount(disk, "ro")
    args = (*FLAGS, f"--examples={examples}", f"--out={disk}/run")
    code, out, err = ended(train_command.main, *args)
    assert (code, out) == (2, "")
    assert err == f"train: Read-only file system: {disk}/run\n"


def test_files_that_may_not_grow_leave_nothing_half_written(tmp_path, examples, ended):
    # As a full disk, where no disk can be mounted: files end at 20 kB.
    args = (*FLAGS, f"--examples={examples}", f"--out={tmp_path}/run")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        code, _, err = ended(train_command.main, *args)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert code == 2
    checkpoints = tmp_path / "run" / "model.partial" / "checkpoints"
    last = err.rstrip().splitlines()[-1]
    assert last == f"train: cannot write {checkpoints}/ckpt-4: File too large"
    assert "Traceback" not in err and not list(checkpoints.glob("*"))
    assert ended(train_command.main, *args)[0] == 0


def test_a_file_where_the_run_folder_should_be_is_one_line(tmp_path, examples, ended):
    pathlib.Path(tmp_path, "run").write_text("mine")
    args = (*FLAGS, f"--examples={examples}", f"--out={tmp_path}/run")
    code, out, err = ended(train_command.main, *args)
    assert (code, out) == (2, "") and err.count("\n") == 1
    assert err.startswith("train: Not a directory: ")
    assert pathlib.Path(tmp_path, "run").read_text() == "mine"
