"""What a checkpoint holds: every variable, by its path."""

import dataclasses
import errno
import os
import pathlib
import resource

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.objectives.denoising import DenoisingConfig
from ebm_tf.training import distribution
from ebm_tf.training.recovery import Progress
from tests.ebm_tf.training import small


def test_every_variable_is_in_the_file(tmp_path):
    trained = small.trainer()
    checkpoints = trained.checkpoints(str(tmp_path))
    assert checkpoints.latest is None and checkpoints.restore() is None
    checkpoints.save(Progress(update=3))
    stored = {
        tuple(shape)
        for name, shape in tf.train.list_variables(checkpoints.latest)
        if "VARIABLE_VALUE" in name
    }
    names = [name for name, _ in tf.train.list_variables(checkpoints.latest)]
    for variable in trained.energy.variables:
        found = [n for n in names if f"energy/{variable.path.replace('/', '.S')}/" in n]
        assert len(found) == 1, variable.path
    assert (16, *small.SHAPE) in stored  # the buffer
    assert checkpoints.restore() == Progress(update=3)
    assert checkpoints.latest_update == 3


def test_spectra_come_back_too(tmp_path):
    trained = small.trainer()
    trained.checkpoints(str(tmp_path)).save(Progress())
    other = small.trainer(seed=1)
    assert other.checkpoints(str(tmp_path)).restore() == Progress()
    for a, b in zip(small.state(trained), small.state(other), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_buffer_of_another_size_is_refused(tmp_path):
    small.trainer().checkpoints(str(tmp_path)).save(Progress())
    larger = small.replay(capacity=32)
    other = small.trainer(objective=small.objective(replay=larger))
    with pytest.raises(
        ValueError, match=r"`replay.capacity` must be that .* shape \(16, 8, 8, 1\)"
    ):
        other.checkpoints(str(tmp_path)).restore()


def change_and_save(trained, checkpoints, update):
    """Gives the head's bias the number of the update, and saves it."""
    trained.energy.head.bias.assign([float(update)])
    checkpoints.save(Progress(update=update))


def truncate(path):
    path.write_bytes(path.read_bytes()[:-20])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def contents(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("end", [".index", ".data-00000-of-00001"])
@pytest.mark.parametrize("damage", [truncate, flip, pathlib.Path.unlink])
def test_for_a_damaged_checkpoint_the_one_before_is_taken(
    tmp_path, caplog, end, damage
):
    trained = small.trainer()
    checkpoints = trained.checkpoints(str(tmp_path))
    change_and_save(trained, checkpoints, 2)
    change_and_save(trained, checkpoints, 4)
    damage(tmp_path / f"ckpt-4{end}")
    left = contents(tmp_path)
    assert checkpoints.restore() == Progress(update=2)
    assert trained.energy.head.bias.numpy() == [2.0]
    told = [record.getMessage() for record in caplog.records if record.name == "absl"]
    if (damage, end) == (pathlib.Path.unlink, ".index"):
        assert told == []  # as a kill leaves it: there is no such checkpoint yet
    else:
        assert len(told) == 1
        assert f"{tmp_path}/ckpt-4 is damaged and was set aside" in told[0]
        assert not list(tmp_path.glob("ckpt-4*"))
        aside = {name for name in contents(tmp_path) if "damaged-1/ckpt-4" in name}
        assert len(aside) == sum("ckpt-4" in name for name in left)
    assert sorted(contents(tmp_path).values()) == sorted(left.values())
    damage(tmp_path / "ckpt-2.data-00000-of-00001")
    left = contents(tmp_path)
    with pytest.raises(ValueError, match="all are damaged and stay .*ckpt-2: .*remove"):
        checkpoints.restore()
    assert contents(tmp_path) == left  # the last one is never touched


def test_what_is_set_aside_covers_nothing_that_was_before(tmp_path):
    trained = small.trainer()
    checkpoints = trained.checkpoints(str(tmp_path))
    change_and_save(trained, checkpoints, 2)
    for number in (1, 2):
        change_and_save(trained, checkpoints, 4)
        truncate(tmp_path / "ckpt-4.data-00000-of-00001")
        assert checkpoints.restore() == Progress(update=2)
        assert len(list(tmp_path.glob(f"damaged-{number}/ckpt-4.*"))) == 2


def test_without_descriptors_nothing_is_damaged(tmp_path):
    trained = small.trainer()
    checkpoints = trained.checkpoints(str(tmp_path))
    change_and_save(trained, checkpoints, 2)
    change_and_save(trained, checkpoints, 4)
    left, limits = contents(tmp_path), resource.getrlimit(resource.RLIMIT_NOFILE)
    outcomes = []
    for num_free in range(8):
        used = {int(name) for name in os.listdir("/proc/self/fd")}
        free = [number for number in range(len(used) + 20) if number not in used]
        resource.setrlimit(resource.RLIMIT_NOFILE, (free[num_free], limits[1]))
        try:
            outcomes.append(checkpoints.restore())
        except OSError as error:
            assert error.errno == errno.EMFILE
            outcomes.append(None)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        assert contents(tmp_path) == left
    assert outcomes[0] is None and outcomes[-1] == Progress(update=4)
    # Never the one before.
    assert all(found in (None, Progress(update=4)) for found in outcomes)
    assert None in outcomes and Progress(update=4) in outcomes


def test_a_folder_that_cannot_be_listed_is_not_empty(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(OSError):
        small.trainer().checkpoints(str(file)).restore()


def test_a_checkpoint_of_another_network_is_refused_and_stays(tmp_path):
    small.trainer().checkpoints(str(tmp_path)).save(Progress(update=2))
    left = contents(tmp_path)
    other = small.trainer(network=dataclasses.replace(small.NETWORK, filters=5))
    with pytest.raises(ValueError, match="ckpt-2 is no checkpoint of this network"):
        other.checkpoints(str(tmp_path)).restore()
    assert contents(tmp_path) == left


def test_a_full_disk_leaves_the_checkpoints_that_were_there(tmp_path):
    trained = small.trainer()
    checkpoints = trained.checkpoints(str(tmp_path))
    change_and_save(trained, checkpoints, 2)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, limits[1]))
    try:
        with pytest.raises(OSError, match=r"cannot write .*ckpt-4: File too large"):
            change_and_save(trained, checkpoints, 4)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "ckpt-2.data-00000-of-00001",
        "ckpt-2.index",
    ]
    assert checkpoints.restore() == Progress(update=2)


def test_what_a_kill_within_a_save_leaves_is_cleared_away(tmp_path):
    trained = small.trainer()
    checkpoints = trained.checkpoints(str(tmp_path))
    (tmp_path / "unfinished").mkdir()
    (tmp_path / "unfinished" / "ckpt-2.index").write_text("half")
    assert checkpoints.latest is None
    change_and_save(trained, checkpoints, 2)
    assert not (tmp_path / "unfinished").exists()


def test_a_buffer_is_divided_anew_for_other_replicas_and_comes_back(tmp_path):
    two, one = distribution.make_strategy("cpu:2"), distribution.make_strategy("one")
    first = small.trainer(two)
    first.checkpoints(str(tmp_path / "first")).save(Progress())
    middle = small.trainer(one, seed=1)
    middle.checkpoints(str(tmp_path / "first")).restore()
    middle.checkpoints(str(tmp_path / "middle")).save(Progress())
    last = small.trainer(two, seed=2)
    last.checkpoints(str(tmp_path / "middle")).restore()
    for a, b in zip(small.state(last), small.state(first), strict=True):
        np.testing.assert_array_equal(a, b)
    held = [np.sort(t.replay()["states"].ravel()) for t in (first, middle)]
    np.testing.assert_array_equal(*held)


def test_parts_of_unequal_size_come_back(tmp_path):
    odd = small.objective(replay=small.replay(capacity=17))
    two, one = distribution.make_strategy("cpu:2"), distribution.make_strategy("one")
    first = small.trainer(two, objective=odd)
    first.checkpoints(str(tmp_path / "first")).save(Progress())
    same = small.trainer(two, seed=1, objective=odd)
    same.checkpoints(str(tmp_path / "first")).restore()
    for a, b in zip(small.state(same), small.state(first), strict=True):
        np.testing.assert_array_equal(a, b)
    alone = small.trainer(one, seed=1, objective=odd)
    alone.checkpoints(str(tmp_path / "first")).restore()
    held = [np.sort(t.replay()["states"].ravel()) for t in (first, alone)]
    np.testing.assert_array_equal(*held)


def test_a_run_that_keeps_nothing_has_no_buffer_in_its_file(tmp_path):
    denoising = DenoisingConfig(noise_std=0.1, l2_weight=0.1, temperature=0.01)
    trained = small.trainer(objective=denoising)
    checkpoints = trained.checkpoints(str(tmp_path))
    checkpoints.save(Progress(update=3))
    names = [name for name, _ in tf.train.list_variables(checkpoints.latest)]
    assert not [name for name in names if name.startswith("buffer")]
    assert checkpoints.restore() == Progress(update=3)


def test_the_checkpoint_of_a_stop_takes_no_other_s_place(tmp_path):
    trained = small.trainer()
    checkpoints = trained.checkpoints(str(tmp_path))

    def names():
        return sorted(path.stem for path in tmp_path.glob("*.index"))

    for update in (2, 4, 6):
        checkpoints.save(Progress(update=update))
    checkpoints.save(Progress(update=7), stop=True)
    assert names() == ["ckpt-4", "ckpt-6", "ckpt-7-stop"]
    assert checkpoints.restore().update == checkpoints.latest_update == 7
    checkpoints.save(Progress(update=8))
    assert names() == ["ckpt-6", "ckpt-8"]
    checkpoints.save(Progress(update=9), stop=True)
    checkpoints.drop_stop()
    assert names() == ["ckpt-6", "ckpt-8"]


def test_the_only_checkpoint_stays_though_it_is_a_stop_s(tmp_path):
    checkpoints = small.trainer().checkpoints(str(tmp_path))
    checkpoints.save(Progress(update=1), stop=True)
    checkpoints.drop_stop()
    assert checkpoints.restore().update == 1
