"""Exit codes and messages, as a user meets them."""

import errno
import os
import signal
import subprocess
import sys

import pytest

from ebm_tf import checks
from ebm_tf.interruption import Interrupted
from ebm_tf.training.errors import Diverged
from pipeline.console import cli

FLAGS = (
    cli.Flag(name="rate", group="what", value="X", help="A text."),
    cli.Flag(name="set", group="what", kind="many", value="X", help="Texts."),
    cli.Flag(name="folder", group="inputs", kind="path", value="DIR", help="A path."),
    cli.Flag(name="num", group="how", kind="whole", value="N", help="N.", default=7),
    cli.Flag(name="force", group="how", kind="switch", help="A switch."),
)


def ended(capfd, body, *args):
    """Returns exit code, stdout, stderr of a command with that body."""
    code = 0
    try:
        cli.run("demo", "shows.", FLAGS, body, args)
    except SystemExit as error:
        code = error.code
    out, err = capfd.readouterr()
    return code, out, err


def raises(error):
    def body(values):
        raise error

    return body


def test_flags_arrive_by_name():
    args = ("--rate=a=b", "--set=1,2", "--set=3", "--num", "4", "--force")
    assert cli.parse("demo", FLAGS, args) == {
        "rate": "a=b",
        "set": ["1,2", "3"],
        "folder": None,
        "num": 4,
        "force": True,
    }
    defaults = cli.parse("demo", FLAGS, ())
    assert defaults["set"] == [] and defaults["num"] == 7
    assert defaults["force"] is False


@pytest.mark.parametrize(
    "args, text",
    [
        (["--rat=1"], "Unknown command line flag 'rat' (did you mean --rate?) (--help"),
        (["--num_steps", "1"], "flag 'num_steps'; a setting is given as --set num_"),
        (["--steps=1=2"], "a setting is given as --set steps=1=2 (--help lists"),
        (["step_lr=10"], "did you mean --set step_lr=10"),
        (["word", "--rate=1"], "Received: word"),
        (["--rate=1", "--", "--num=1"], "Received: --num=1"),
        (["--num=x"], "--num=x"),
        (["--num=1.5"], "--num=1.5"),
        (["--num=-1"], "--num=-1"),
        (["--rate"], "Missing value for flag --rate"),
        (["--folder="], "`--folder` must be a path"),
        (["--force=maybe"], "--force=maybe"),
        (["--flagfile=/no/such/file"], "/no/such/file"),
        (["--flagfile", "x"], "Unknown command line flag 'flagfile'"),
        (["-flagfile=x"], "Unknown command line flag 'flagfile'"),
        (["--undefok=rat", "--rat=1"], "Unknown command line flag 'undefok'"),
        (["--undefok="], "Unknown command line flag 'undefok'"),
        (["--folder=a\udcff"], "`--folder` must be in UTF-8, file names too"),
        (["--folder", "a\udcff"], r"Received: what is given=b'a\xff'"),
        (["--\udcff=1"], "`--?` must be in UTF-8"),
    ],
)
def test_bad_flag_is_one_line_and_exit_2(capfd, args, text):
    code, out, err = ended(capfd, raises(AssertionError("body must not run")), *args)
    assert (code, out) == (2, "")
    assert err.startswith("demo: ") and err.count("\n") == 1
    assert text in err


@pytest.mark.parametrize(
    "error, code, line",
    [
        (checks.InvalidValueError("`a` must be b"), 2, "demo: `a` must be b"),
        (checks.MissingFileError("no x"), 2, "demo: no x"),
        (
            PermissionError(errno.EACCES, "Permission denied", "/x"),
            2,
            "demo: Permission denied: /x",
        ),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "demo: No space left"),
        (OSError("784 requested and 0 written"), 2, "demo: 784 requested"),
        (RuntimeError("save: No space left on device"), 2, "demo: save: No space"),
        (checks.InvalidValueError("two\n  lines"), 2, "demo: two lines"),
        (Diverged("`loss` is nan at update 3"), 1, "demo: `loss` is nan"),
        (Interrupted("stopped", signal.SIGTERM), 143, "demo: stopped"),
        (Interrupted("stopped", signal.SIGINT), 130, "demo: stopped"),
        (KeyboardInterrupt(), 130, "demo: interrupted"),
    ],
)
def test_expected_error_is_one_line(capfd, error, code, line):
    found, out, err = ended(capfd, raises(error))
    assert (found, out) == (code, "")
    assert err.startswith(line) and err.count("\n") == 1


def test_defect_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        cli.run("demo", "shows.", FLAGS, lambda values: 1 / 0, ())


def test_help_has_every_flag_in_the_order_of_groups(capfd):
    code, out, err = ended(capfd, raises(AssertionError("not run")), "--help")
    assert (code, err) == (0, "")
    assert out.startswith("demo: shows.\n")
    places = [out.index(f"\n{group}:") for group in ("what", "inputs", "how")]
    assert places == sorted(places)
    assert "outputs:" not in out  # no flag of that group
    for name in ("--rate=X", "--folder=DIR", "--num=N", "Default: 7", "--help"):
        assert name in out
    assert max(map(len, out.splitlines())) <= 88
    assert "examples:" not in out  # it has none


def test_help_ends_with_examples_as_the_user_types_them(capfd, monkeypatch):
    def shown(program):
        monkeypatch.setattr(sys, "argv", [program])
        cli.run(
            "demo", "shows. " * 20, FLAGS, print, ["--help"], ["--num=4", "--force"]
        )
        return capfd.readouterr().out

    bazel = "./bazelw run //pipeline:demo --"
    assert shown("/x/demo_command.py").endswith(
        f"\n\nexamples:\n  {bazel} --num=4\n  {bazel} --force\n"
    )
    out = shown("/venv/bin/ebm-tf-demo")
    assert out.endswith("\nexamples:\n  ebm-tf-demo --num=4\n  ebm-tf-demo --force\n")
    assert max(map(len, out.splitlines())) <= 88


def test_a_flag_like_none_of_a_command_without_settings():
    with pytest.raises(checks.InvalidValueError) as caught:
        cli.parse("demo", FLAGS[3:], ["--other=1"])
    assert str(caught.value) == (
        "Unknown command line flag 'other' (--help lists the flags)"
    )


def test_paths_are_seen_from_where_the_user_stands(monkeypatch):
    def folder(path):
        return cli.parse("demo", FLAGS, [f"--folder={path}"])["folder"]

    monkeypatch.delenv("BUILD_WORKING_DIRECTORY", raising=False)
    assert folder("a/b") == "a/b"
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", "/home/me")
    assert folder("a/b") == "/home/me/a/b"
    assert folder("/a") == "/a"
    assert folder("~/a") == os.path.expanduser("~/a")


def test_sigterm_ends_with_143_after_cleaning_up(tmp_path):
    script = (
        "import pathlib, signal, sys\n"
        "from pipeline.console import cli\n"
        "def body(values):\n"
        "    try:\n"
        "        print('begun', flush=True)\n"
        "        signal.pause()\n"
        "    finally:\n"
        "        pathlib.Path(sys.argv[1], 'cleaned').touch()\n"
        "cli.run('demo', 'shows.', (), body, ())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout.readline() == "begun\n"
    process.terminate()
    _, err = process.communicate()
    assert process.returncode == 143
    assert err == "demo: ended by SIGTERM\n"
    assert (tmp_path / "cleaned").exists()


def test_who_stops_reading_is_answered_by_silence():
    """As in `train --preset=help | head -1`."""
    script = (
        "from pipeline.console import cli\n"
        "def body(values):\n"
        "    for number in range(100_000):\n"
        "        print('line', number)\n"
        "cli.run('demo', 'shows.', (), body, ())\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout.readline() == "line 0\n"
    process.stdout.close()
    err = process.stderr.read()
    assert (process.wait(), err) == (141, "")


def test_a_name_in_the_data_that_is_no_utf8_is_shown(capfd):
    def body(values):
        print("wrote b\udcff.png")

    assert ended(capfd, body)[1] in ("wrote b\\udcff.png\n", "wrote b\udcff.png\n")


def test_handler_of_sigterm_is_given_back():
    before = signal.getsignal(signal.SIGTERM)
    cli.run("demo", "shows.", FLAGS, lambda values: None, ())
    assert signal.getsignal(signal.SIGTERM) == before
