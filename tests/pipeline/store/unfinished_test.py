"""Work on an artifact that goes on where it was interrupted."""

import dataclasses
import os
import pathlib

import pytest

from ebm_tf import checks, settings
from pipeline.settings.config import StableHloConfig
from pipeline.store import artifacts, code_digest, replacement, unfinished

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
