"""Work on an artifact that goes on where it was interrupted."""

import dataclasses
import os
import pathlib

import pytest

from ebm_tf import checks, settings
from pipeline.settings.config import StableHloConfig
from pipeline.store import artifacts, code_digest, reading, replacement, unfinished

CONFIG = StableHloConfig(num=3, num_steps=5)


def resume(path, seed=1, error=None):
    with artifacts.resuming(str(path), "things", CONFIG, {}, seed) as scratch:
        file = pathlib.Path(scratch.folder, "log.txt")
        text = file.read_text() if file.exists() else ""
        file.write_text(text + "x")
        if error:
            raise error
    return artifacts.load(str(path), "things")


def test_resuming_goes_on_with_what_is_there(tmp_path):
    path = tmp_path / "a"
    with pytest.raises(KeyboardInterrupt):
        resume(path, error=KeyboardInterrupt())
    assert os.listdir(tmp_path) == ["a.partial"]
    assert unfinished.config_of(str(path)) == {"num": 3, "num_steps": 5}
    made = resume(path)
    assert pathlib.Path(made.file("log.txt")).read_text() == "xx"
    assert sorted(os.listdir(made.path)) == ["log.txt", "manifest.json"]
    assert unfinished.config_of(str(path)) is None
    assert artifacts.find(made.path, "things", CONFIG, {}, 1) == made


def test_resuming_refuses_another_request(tmp_path):
    path = tmp_path / "a"
    with pytest.raises(ZeroDivisionError):
        resume(path, error=ZeroDivisionError())
    with pytest.raises(checks.InvalidValueError, match="seed was 1, asked 2"):
        resume(path, seed=2)
    assert (tmp_path / "a.partial" / "log.txt").read_text() == "x"


def test_resuming_leaves_nothing_if_nothing_was_done(tmp_path):
    path = tmp_path / "run" / "a"
    resuming = artifacts.resuming(str(path), "things", CONFIG, {}, 1)
    with pytest.raises(checks.InvalidValueError), resuming as scratch:
        os.mkdir(os.path.join(scratch.folder, "checkpoints"))
        raise checks.InvalidValueError("a bad value")
    assert os.listdir(tmp_path) == []


def interrupt(path, seed=1):
    with pytest.raises(KeyboardInterrupt):
        resume(path, seed, KeyboardInterrupt())


def test_only_the_part_that_decides_is_compared(tmp_path):
    whole = {"net": CONFIG, "later": CONFIG}
    path = str(tmp_path / "a")
    with (
        pytest.raises(KeyboardInterrupt),
        artifacts.resuming(path, "things", whole, {}, 1) as scratch,
    ):
        pathlib.Path(scratch.folder, "x").touch()
        raise KeyboardInterrupt
    whole["later"] = StableHloConfig(num=9, num_steps=5)
    with artifacts.resuming(path, "things", whole, {}, 1, {"net": CONFIG}) as scratch:
        assert os.path.exists(os.path.join(scratch.folder, "x"))
    assert artifacts.load(path, "things").config["later"]["num"] == 9


def test_replacing_begins_another_request_anew(tmp_path, capsys):
    interrupt(tmp_path / "a")
    with replacement.on():
        made = resume(tmp_path / "a", seed=2)
    assert "is begun anew: seed was 1, asked 2" in capsys.readouterr().out
    assert pathlib.Path(made.file("log.txt")).read_text() == "x"


def test_other_code_goes_on_unless_replacing(tmp_path, monkeypatch, capsys):
    interrupt(tmp_path / "a")
    monkeypatch.setattr(code_digest, "digest", lambda kind, modules: "other")
    interrupt(tmp_path / "a")
    assert (tmp_path / "a.partial" / "log.txt").read_text() == "xx"
    monkeypatch.setattr(code_digest, "digest", lambda kind, modules: "another")
    with replacement.on():
        made = resume(tmp_path / "a")
    assert "is begun anew: its code was changed" in capsys.readouterr().out
    assert pathlib.Path(made.file("log.txt")).read_text() == "x"


def test_what_it_took_is_added_up(tmp_path):
    interrupt(tmp_path / "a")
    interrupt(tmp_path / "a")
    assert resume(tmp_path / "a").manifest["spent"]["processes"] == 3


@dataclasses.dataclass(frozen=True, kw_only=True)
class Drawn:
    size: int
    num_shown: int = settings.display(default=2)
    later: int = 0


def test_work_goes_on_with_other_settings_of_what_is_shown(tmp_path):
    path = str(tmp_path / "a")

    def go_on(config, error=None):
        with artifacts.resuming(path, "things", config, {}, 0) as scratch:
            with open(os.path.join(scratch.folder, "log.txt"), "a") as file:
                file.write("x")
            if error:
                raise error

    with pytest.raises(KeyboardInterrupt):
        go_on(Drawn(size=1), KeyboardInterrupt())
    with pytest.raises(checks.InvalidValueError, match="later was 0, asked 1"):
        go_on(Drawn(size=1, later=1))
    go_on(Drawn(size=1, num_shown=9))
    made = artifacts.load(path, "things")
    assert pathlib.Path(made.file("log.txt")).read_text() == "xx"
    assert made.config["num_shown"] == 9


def contents(folder):
    """Returns what lies below a folder, links not followed."""
    found = {}
    for path in sorted(folder.rglob("*")):
        is_file = path.is_file() and not path.is_symlink()
        found[path] = path.read_bytes() if is_file else os.lstat(path).st_mode
    return found


def mark(folder):
    folder.mkdir()
    (folder / "request.json").write_text('{"request": {}}')


def make_folder(partial, aside):
    partial.mkdir()
    (partial / "mine.txt").write_text("mine")


def make_nested(partial, aside):
    (partial / "deep").mkdir(parents=True)
    (partial / "deep" / "mine.txt").write_text("mine")


def make_file(partial, aside):
    partial.write_text("mine")


def make_link(partial, aside):
    partial.symlink_to(aside)


def make_link_to_nothing(partial, aside):
    partial.symlink_to(aside / "none")


def make_link_to_marked(partial, aside):
    mark(aside / "marked")
    partial.symlink_to(aside / "marked")


def make_link_within(partial, aside):
    mark(partial)
    (partial / "checkpoints").symlink_to(aside)


def make_file_link_within(partial, aside):
    mark(partial)
    (partial / "log.txt").symlink_to(aside / "mine.txt")


def make_linked_mark(partial, aside):
    mark(aside / "marked")
    partial.mkdir()
    (partial / "request.json").symlink_to(aside / "marked" / "request.json")


def make_other_mark(partial, aside):
    partial.mkdir()
    (partial / "request.json").write_text('{"url": "http"}')


def make_unreadable_mark(partial, aside):
    partial.mkdir()
    (partial / "request.json").write_text('{"request"')


MINE = [value for name, value in list(globals().items()) if name.startswith("make_")]


@pytest.mark.parametrize("writing", [artifacts.writing, artifacts.resuming])
@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("prepare", MINE)
def test_what_is_not_of_this_program_stays(tmp_path, prepare, replace, writing):
    aside = tmp_path / "aside"
    aside.mkdir()
    (aside / "mine.txt").write_text("mine")
    prepare(tmp_path / "a.partial", aside)
    before = contents(tmp_path)
    make = writing(str(tmp_path / "a"), "things", CONFIG, {}, 0)
    refused = pytest.raises((ValueError, OSError))
    with replacement.on(replace), refused as caught, make:
        raise AssertionError("it was begun")
    assert "\n" not in str(caught.value) and "a.partial" in str(caught.value)
    assert contents(tmp_path) == before


def test_work_without_progress_refuses_no_other_request(tmp_path):
    path = str(tmp_path / "a")

    def begin(seed):
        return artifacts.resuming(
            path,
            "things",
            CONFIG,
            {},
            seed,
            has_progress=lambda folder: os.path.exists(os.path.join(folder, "done")),
        )

    for error in (checks.InvalidValueError("refused"), KeyboardInterrupt()):
        with pytest.raises(type(error)), begin(1) as scratch:
            pathlib.Path(scratch.folder, "half").touch()
            raise error
        assert os.listdir(tmp_path) == []
    mark(tmp_path / "a.partial")  # as a kill leaves it
    (tmp_path / "a.partial" / "half").touch()
    with begin(2) as scratch:
        assert os.listdir(scratch.folder) == ["request.json"]


def test_work_of_an_input_that_was_changed_meanwhile_does_not_go_on(tmp_path):
    with artifacts.writing(str(tmp_path / "in"), "things", CONFIG, {}, 0):
        pass
    inputs = {"it": artifacts.peek(str(tmp_path / "in"), "things")}

    def begin():
        return artifacts.resuming(str(tmp_path / "a"), "things", CONFIG, inputs, 0)

    with pytest.raises(reading.InputChanged), begin() as scratch:
        pathlib.Path(scratch.folder, "half").touch()
        raise reading.InputChanged("changed", "it")
    refused = pytest.raises(checks.InvalidValueError, match="was .changed while it was")
    with refused, begin():
        raise AssertionError("it went on")
    with replacement.on(), begin() as scratch:
        assert os.listdir(scratch.folder) == ["request.json"]


def test_another_number_of_threads_is_told(tmp_path, monkeypatch, capsys):
    path = tmp_path / "a"
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    interrupt(path)
    interrupt(path)
    assert capsys.readouterr().out == ""
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "2")
    made = resume(path)
    assert capsys.readouterr().out == (
        f"{path}.partial was begun with 1 threads and goes on with 2: the last bits of "
        "its numbers are others than with TF_NUM_INTRAOP_THREADS=1\n"
    )
    assert made.manifest["device"]["threads"] == 2
