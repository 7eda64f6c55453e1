"""What the decorator of stages does, in which order, and what it says."""

import contextlib
import errno
import os
import pathlib
import shutil
import signal

import pytest

from ebm_tf import checks
from pipeline.console import cli
from pipeline.stages.stage import Plan, checks_only, stage
from pipeline.store import artifacts, replacement


def write_one(scratch):
    pathlib.Path(scratch.folder, "a.txt").write_text("one")


def plan(out, **changes):
    fields = {"config": {"n": 1}, "inputs": {}, "seed": 0, "write": write_one}
    return Plan(out=str(out), **fields | changes)


@pytest.fixture
def make():
    """A stage that takes what `plan` does."""
    return stage("do", makes="things")(plan)


def test_made_once_and_found_after_that(tmp_path, make, capsys):
    out = tmp_path / "things"
    made = make(out)
    assert capsys.readouterr().out == f"do: wrote {out}\n"
    assert artifacts.load(str(out), "things") == made
    assert make(out, write=None, prepare=None) == made
    told = f"do: {out} is there already, made by this request\n"
    assert capsys.readouterr().out == told
    with pytest.raises(checks.InvalidValueError, match="n was 1, asked 2"):
        make(out, config={"n": 2})


def test_the_stage_keeps_the_name_and_the_words_of_its_function():
    @stage("do", makes="things")
    def run(out):
        """Makes things."""
        return plan(out)

    assert (run.__name__, run.__doc__) == ("run", "Makes things.")


def test_each_thing_comes_in_its_turn(tmp_path, make):
    log = []
    source = make(tmp_path / "source")

    @contextlib.contextmanager
    def around():
        log.append("in")
        yield
        log.append(artifacts.peek(str(tmp_path / "things"), "things").kind)

    def told(made):
        log.append("told")
        return ()

    make(
        tmp_path / "things",
        inputs={"source": source},
        accept=lambda found: log.append("accept"),
        prepare=lambda: log.append("prepare"),
        around=around,
        write=lambda scratch: log.append("write"),
        told=told,
    )
    assert log == ["prepare", "in", "write", "things", "told"]


def test_changed_inputs_are_refused_before_anything_is_done(tmp_path, make):
    source = make(tmp_path / "source")
    pathlib.Path(source.path, "a.txt").write_text("two")
    with pytest.raises(checks.InvalidValueError, match="a.txt was changed after"):
        make(tmp_path / "things", inputs={"source": source}, prepare=None)
    assert os.listdir(tmp_path) == ["source"]


@pytest.mark.parametrize("has_progress", [None, lambda folder: True])
@pytest.mark.parametrize("how", ["in place", "as a whole"])
def test_inputs_that_change_while_they_are_read_make_nothing(
    tmp_path, how, has_progress
):
    make = stage("do", makes="things", has_progress=has_progress)(plan)
    source = make(tmp_path / "source")

    def write(scratch):
        write_one(scratch)
        if how == "in place":
            pathlib.Path(source.path, "a.txt").write_text("two")
        else:
            os.rename(source.path, tmp_path / "old")
            make(tmp_path / "source", config={"n": 2})

    out = tmp_path / "things"
    with pytest.raises(checks.InvalidValueError, match="was changed while it was read"):
        make(out, inputs={"source": source}, write=write)
    assert not out.exists()
    if has_progress and how == "as a whole":
        shutil.rmtree(tmp_path / "source")
        os.rename(tmp_path / "old", tmp_path / "source")  # as if it had been so always
        with pytest.raises(checks.InvalidValueError, match="changed while it was read"):
            make(out, inputs={"source": source})


def test_what_was_found_may_be_made_anew(tmp_path, make, capsys):
    first = make(tmp_path / "things")
    asked = []

    def accept(found):
        asked.append(found)
        raise checks.InvalidValueError("made from another file")

    with pytest.raises(checks.InvalidValueError, match="another file"):
        make(tmp_path / "things", accept=accept)
    assert asked == [first]


def test_the_manifest_may_hold_more_than_what_decides(tmp_path, make):
    made = make(tmp_path / "things", whole={"n": 1, "later": 2})
    assert made.config == {"n": 1, "later": 2}
    assert make(tmp_path / "things", write=None) == made


def test_a_helper_writes_beside_and_names_nothing(tmp_path, make):
    folders = []

    @contextlib.contextmanager
    def until_the_other_is_done():
        yield
        artifacts_of_the_other = stage("do", makes="things")(plan)
        artifacts_of_the_other(tmp_path / "things")

    make(
        tmp_path / "things",
        helps=True,
        around=until_the_other_is_done,
        write=lambda scratch: folders.append(scratch.folder),
    )
    assert folders == [f"{tmp_path}/things.partial"]


def has_a(folder):
    return os.path.exists(os.path.join(folder, "a.txt"))


def test_checks_alone_refuse_what_is_wrong_and_write_nothing(tmp_path, make):
    resuming = stage("do", makes="things", has_progress=has_a)(plan)
    out, log = tmp_path / "things", []
    with checks_only():
        make(out, prepare=lambda: log.append("prepared"), write=log.append)
        log.append("after it")  # the block ends where something would be made
    assert log == ["prepared"] and os.listdir(tmp_path) == []
    with pytest.raises(ValueError, match="refused"), checks_only():

        def refuse():
            raise checks.InvalidValueError("refused")

        make(out, prepare=refuse)
    made = make(out)
    with checks_only():
        assert make(out) == made
        log.append("found")
    assert log[-1] == "found"
    with pytest.raises(ValueError, match="n was 1, asked 2"), checks_only():
        make(out, config={"n": 2})

    def stop(scratch):
        write_one(scratch)
        raise ZeroDivisionError

    other = tmp_path / "other"
    with pytest.raises(ZeroDivisionError):
        resuming(other, write=stop)
    with checks_only():
        resuming(other)
    text = "unfinished work of another request: n was 1"
    with pytest.raises(ValueError, match=text), checks_only():
        resuming(other, config={"n": 2})
    with replacement.on(), checks_only():
        resuming(other, config={"n": 2})
    assert sorted(os.listdir(tmp_path)) == ["other.partial", "things"]


def test_a_full_disk_names_where_it_was_written(tmp_path, make):
    def fail(scratch):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError) as caught:
        make(tmp_path / "things", write=fail)
    assert caught.value.filename == str(tmp_path / "things")
    assert caught.value.errno == errno.ENOSPC

    def denied(scratch):
        raise PermissionError(errno.EACCES, "Permission denied", "/x")

    with pytest.raises(PermissionError, match="'/x'"):
        make(tmp_path / "things", write=denied)


@pytest.mark.parametrize(
    "has_progress, resumes",
    [(None, False), (lambda folder: False, False), (has_a, True)],
)
def test_only_what_can_go_on_leaves_something(tmp_path, has_progress, resumes):
    make = stage("do", makes="things", has_progress=has_progress)(plan)

    def fail(scratch):
        write_one(scratch)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make(tmp_path / "things", write=fail)
    left = {"things.partial"} if resumes else set()
    assert set(os.listdir(tmp_path)) == left
    found = []
    make(
        tmp_path / "things",
        write=lambda scratch: found.append("a.txt" in os.listdir(scratch.folder)),
    )
    assert found == [resumes]


@pytest.mark.parametrize("resumes", [False, True])
@pytest.mark.parametrize("moment", ["prepare", "write"])
def test_a_signal_that_something_drops_ends_it_without_a_name(
    tmp_path, capfd, resumes, moment
):
    def dropped(scratch=None):
        if scratch is not None:
            write_one(scratch)
        with contextlib.suppress(BaseException):  # as a bare `except:` of a library
            os.kill(os.getpid(), signal.SIGTERM)

    has_progress = os.path.isdir if resumes else None
    run = stage("do", makes="things", has_progress=has_progress)(plan)
    out = tmp_path / "things"
    with pytest.raises(SystemExit) as ended:
        cli.run("do", "does.", (), lambda _: run(out, **{moment: dropped}), ())
    assert ended.value.code == 143
    assert capfd.readouterr().err == "do: ended by SIGTERM\n"
    kept = ["things.partial"] if resumes and moment == "write" else []
    assert os.listdir(tmp_path) == kept
    run(out)
