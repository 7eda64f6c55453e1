"""Artifacts are whole or absent, and found again only by the same request."""

import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest

from ebm_tf import checks, settings
from pipeline.settings.config import IngestConfig, StableHloConfig
from pipeline.store import artifacts, code_digest, replacement

CONFIG = StableHloConfig(num=3, num_steps=5)


def make(path, *, kind="things", config=CONFIG, inputs=None, seed=1, text="content"):
    with artifacts.writing(str(path), kind, config, inputs or {}, seed) as scratch:
        pathlib.Path(scratch.folder, "sub").mkdir()
        pathlib.Path(scratch.folder, "sub", "a.txt").write_text(text)
        scratch.details["shape"] = (2, 3)
    return artifacts.load(str(path), kind)


def edit(artifact, **changes):
    """Changes the manifest as it lies on the disk."""
    path = pathlib.Path(artifact.path, "manifest.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_manifest_records_the_request_and_the_content(tmp_path):
    examples = make(tmp_path / "examples", kind="examples")
    model = make(tmp_path / "run" / "model", kind="model", inputs={"data": examples})
    assert model.kind == "model" and model.seed == 1
    assert model.config == {"num": 3, "num_steps": 5}
    assert model.details == {"shape": [2, 3]}
    assert model.manifest["inputs"] == {
        "data": {"path": examples.path, "digest": examples.digest}
    }
    # sha256 of "content"
    assert model.manifest["files"] == {
        "sub/a.txt": "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"
    }
    assert model.manifest["versions"]["keras"]
    assert model.manifest["code"] == code_digest.digest("model", {})
    assert model.manifest["device"]["cpu"]
    assert model.manifest["spent"]["processes"] == 1
    assert os.listdir(tmp_path / "run") == ["model"]


def test_digest_depends_on_content_and_request_alone(tmp_path):
    first = make(tmp_path / "a")
    assert make(tmp_path / "b").digest == first.digest
    others = [
        make(tmp_path / "c", text="other"),
        make(tmp_path / "d", seed=2),
        make(tmp_path / "e", kind="other"),
        make(tmp_path / "f", config=StableHloConfig(num=4, num_steps=5)),
        make(tmp_path / "g", inputs={"x": first}),
    ]
    assert len({first.digest, *(other.digest for other in others)}) == 6


def test_find_returns_what_the_same_request_made(tmp_path):
    path = str(tmp_path / "a")
    assert artifacts.find(path, "things", CONFIG, {}, 1) is None
    os.mkdir(path)
    assert artifacts.find(path, "things", CONFIG, {}, 1) is None  # empty
    made = make(path)
    assert artifacts.find(path, "things", CONFIG, {}, 1) == made


def test_find_asks_only_for_the_parts_of_the_configuration_it_is_given(tmp_path):
    ingest = IngestConfig(
        dataset="mnist", validation_count=1, shard_size=1, label_names=(), images=None
    )
    made = make(tmp_path / "a", config={"export": CONFIG, "ingest": ingest})
    assert artifacts.find(made.path, "things", {"export": CONFIG}, {}, 1) == made
    other = {"export": StableHloConfig(num=4, num_steps=5)}
    with pytest.raises(checks.InvalidValueError, match="export.num was 3, asked 4"):
        artifacts.find(made.path, "things", other, {}, 1)


@pytest.mark.parametrize(
    "kind, config, seed, text",
    [
        ("things", StableHloConfig(num=3, num_steps=6), 1, "num_steps was 5, asked 6"),
        ("things", CONFIG, 2, "seed was 1, asked 2"),
        ("samples", CONFIG, 1, "holds `things`, not `samples`"),
    ],
)
def test_find_refuses_what_another_request_made(tmp_path, kind, config, seed, text):
    made = make(tmp_path / "a")
    with pytest.raises(checks.InvalidValueError, match=text):
        artifacts.find(made.path, kind, config, {}, seed)


def test_find_refuses_other_inputs_but_not_another_place_of_the_same(tmp_path):
    first, same = make(tmp_path / "1"), make(tmp_path / "2")
    other = make(tmp_path / "3", text="other")
    made = make(tmp_path / "a", inputs={"x": first})
    assert artifacts.find(made.path, "things", CONFIG, {"x": same}, 1) == made
    with pytest.raises(checks.InvalidValueError, match="inputs.x was"):
        artifacts.find(made.path, "things", CONFIG, {"x": other}, 1)


@pytest.mark.parametrize("name", ["folder", "file", "link"])
def test_a_place_that_is_taken_is_left_alone(tmp_path, name):
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
        (path / "mine.txt").write_text("mine")
    elif name == "file":
        path.write_text("mine")
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(checks.InvalidValueError, match="holds no `things`"):
        artifacts.find(str(path), "things", CONFIG, {}, 1)
    with pytest.raises(checks.InvalidValueError, match="there already"):
        make(path)
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt()])
def test_a_block_that_raises_leaves_nothing(tmp_path, error):
    path = tmp_path / "run" / "a"
    writing = artifacts.writing(str(path), "things", CONFIG, {}, 1)
    with pytest.raises(type(error)), writing as scratch:
        pathlib.Path(scratch.folder, "half.txt").write_text("half")
        raise error
    assert os.listdir(tmp_path) == []


def test_a_parent_that_cannot_be_written_is_an_os_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError):
        make(tmp_path / "file" / "a")
    with pytest.raises(OSError):
        make("/proc/ebm_tf/a")  # there not even root makes a folder


def test_what_a_killed_process_left_is_replaced(tmp_path):
    partial = tmp_path / "a.partial"
    (partial / "sub").mkdir(parents=True)
    (partial / "sub" / "old.txt").write_text("old")
    (partial / "request.json").write_text('{"request": {}}')
    with pytest.raises(checks.MissingFileError, match="begun and not finished"):
        artifacts.load(str(tmp_path / "a"), "things")
    assert list(make(tmp_path / "a").manifest["files"]) == ["sub/a.txt"]
    assert os.listdir(tmp_path) == ["a"]


def test_details_that_are_not_json_leave_nothing(tmp_path):
    writing = artifacts.writing(str(tmp_path / "a"), "things", CONFIG, {}, 1)
    with pytest.raises(ValueError, match="not JSON compliant"), writing as scratch:
        scratch.details["loss"] = float("nan")
    assert os.listdir(tmp_path) == []


def test_load_tells_what_is_wrong(tmp_path):
    with pytest.raises(checks.MissingFileError, match="there is no `things` at"):
        artifacts.load(str(tmp_path / "none"), "things")
    made = make(tmp_path / "a")
    with pytest.raises(checks.InvalidValueError, match="holds `things`, not `model`"):
        artifacts.load(made.path, "model")
    file = pathlib.Path(made.file("sub"), "a.txt")
    file.write_text("kontent")
    with pytest.raises(checks.InvalidValueError, match="a.txt was changed"):
        artifacts.load(made.path, "things")
    file.unlink()
    with pytest.raises(checks.MissingFileError, match="a.txt"):
        artifacts.load(made.path, "things")


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"seed": 2}, "was changed"),
        ({"details": {"shape": [9]}}, "was changed"),
        ({"files": {}}, "was changed"),
        ({"inputs": {"it": {"path": "/a", "digest": "0" * 64}}}, "was changed"),
        ({"notes": {"origin": "elsewhere"}}, "was changed"),
        ({"format": 3}, "has format 3, this program reads 1 and 2"),
        ({"format": 1}, "was changed"),
        ({"shown": ["num"]}, "was changed"),
        ({"shown_files": ["sub/*"]}, "was changed"),
        ({"format": None}, "has format None"),
    ],
)
def test_a_changed_manifest_is_refused(tmp_path, changes, text):
    made = make(tmp_path / "a")
    edit(made, **changes)
    with pytest.raises(checks.InvalidValueError, match=text):
        artifacts.load(made.path, "things")


def test_a_manifest_that_is_not_json_is_refused(tmp_path):
    made = make(tmp_path / "a")
    pathlib.Path(made.file("manifest.json")).write_text("{")
    with pytest.raises(checks.InvalidValueError, match="is not JSON"):
        artifacts.load(made.path, "things")


def run_script(script, *args):
    """Starts Python on a script that can import what this test can."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, args)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


HOLD = """
import signal, sys
from pipeline.store import artifacts, code_digest as code, unfinished
with artifacts.writing(sys.argv[1], "things", {}, {}, 1) as scratch:
    open(scratch.folder + "/half.txt", "w").write("half")
    print("begun", flush=True)
    signal.pause()
"""


def test_two_processes_do_not_write_one_artifact(tmp_path):
    path = tmp_path / "a"
    holder = run_script(HOLD, path)
    try:
        assert holder.stdout.readline() == "begun\n"
        with pytest.raises(checks.InvalidValueError, match="another process"):
            make(path)
        assert (tmp_path / "a.partial" / "half.txt").exists()
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    assert make(path).kind == "things"  # the dead hold nothing


FILL = """
import resource, sys
from pipeline.store import artifacts, code_digest as code, unfinished
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    with artifacts.writing(sys.argv[1], "things", {}, {}, 1) as scratch:
        scratch.details["note"] = "x" * int(sys.argv[3])
        with open(scratch.folder + "/file", "wb") as file:
            file.write(bytes(int(sys.argv[2])))
except OSError:
    print("refused")
"""


@pytest.mark.parametrize("file, note", [(2000, 1), (1, 2000)])
def test_a_disk_that_takes_no_more_leaves_nothing(tmp_path, file, note):
    # A limit on the size of files fails as a full disk does, amid a write: first
    # in a file of the stage, then in the manifest.
    process = run_script(FILL, tmp_path / "run" / "a", file, note)
    out, _ = process.communicate()
    assert out == "refused\n"
    assert os.listdir(tmp_path) == []


def test_replacing_makes_anew_what_another_request_made(tmp_path, capsys):
    old = make(tmp_path / "a")
    with replacement.on():
        assert artifacts.find(old.path, "things", CONFIG, {}, 1) == old
        assert artifacts.find(old.path, "things", CONFIG, {}, 2) is None
        assert capsys.readouterr().out == (
            f"{old.path} is made anew: seed was 1, asked 2\n"
        )
        new = make(tmp_path / "a", seed=2, text="new")
    assert new.seed == 2 and new.digest != old.digest
    assert pathlib.Path(new.file("sub"), "a.txt").read_text() == "new"
    assert os.listdir(tmp_path) == ["a"]


def test_replacing_keeps_the_old_one_until_the_new_one_is_whole(tmp_path):
    old = make(tmp_path / "a")
    writing = artifacts.writing(old.path, "things", CONFIG, {}, 2)
    with replacement.on(), pytest.raises(ZeroDivisionError), writing:
        raise ZeroDivisionError
    assert artifacts.load(old.path, "things") == old
    assert os.listdir(tmp_path) == ["a"]


def test_replacing_spares_what_is_no_artifact_of_the_kind(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine.txt").write_text("mine")
    other = make(tmp_path / "b", kind="others")
    changed = make(tmp_path / "c")
    edit(changed, seed=9)
    with replacement.on():
        for path in (tmp_path / "a", other.path, changed.path):
            with pytest.raises(checks.InvalidValueError):
                artifacts.find(str(path), "things", CONFIG, {}, 1)
            with pytest.raises(checks.InvalidValueError):
                make(path)
    assert sorted(os.listdir(tmp_path)) == ["a", "b", "c"]


def test_other_code_is_said_and_made_anew_only_on_request(
    tmp_path, monkeypatch, capsys
):
    made = make(tmp_path / "a")
    monkeypatch.setattr(code_digest, "digest", lambda kind, modules: "other")
    assert artifacts.find(made.path, "things", CONFIG, {}, 1) == made
    assert "was made by other code" in capsys.readouterr().out
    with replacement.on():
        assert artifacts.find(made.path, "things", CONFIG, {}, 1) is None
    assert "is made anew: its code was changed" in capsys.readouterr().out


def test_neighbours_do_not_slow_a_look(tmp_path, monkeypatch):
    """What lies beside an artifact is never listed, so its number does not matter."""
    listed = []
    for name in ("scandir", "listdir"):
        real = getattr(os, name)

        def spy(path=".", real=real):
            listed.append(os.path.abspath(path))
            return real(path)

        monkeypatch.setattr(os, name, spy)
    made = make(tmp_path / "a")
    artifacts.find(made.path, "things", CONFIG, {}, 1)
    assert made.path in listed and str(tmp_path) not in listed


@dataclasses.dataclass(frozen=True, kw_only=True)
class Drawn:
    size: int
    num_shown: int = settings.display(default=2)


@dataclasses.dataclass(frozen=True, kw_only=True)
class DrawnLater(Drawn):
    steps: int = 7


def test_what_only_shows_things_makes_nothing_anew(tmp_path):
    made = make(tmp_path / "a", config=Drawn(size=1))
    other = Drawn(size=1, num_shown=5)
    assert artifacts.find(made.path, "things", other, {}, 1) == made
    assert make(tmp_path / "b", config=other).digest == made.digest
    assert make(tmp_path / "b2", config=other).config["num_shown"] == 5
    with pytest.raises(checks.InvalidValueError, match="size was 1, asked 2"):
        artifacts.find(made.path, "things", Drawn(size=2), {}, 1)


def test_setting_that_came_later_is_as_before_by_default(tmp_path):
    made = make(tmp_path / "a", config={"drawn": Drawn(size=1)})
    later = {"drawn": DrawnLater(size=1)}
    assert artifacts.find(made.path, "things", later, {}, 1) == made
    other = {"drawn": DrawnLater(size=1, steps=8)}
    with pytest.raises(checks.InvalidValueError, match="drawn.steps was 7, asked 8"):
        artifacts.find(made.path, "things", other, {}, 1)
