"""How `all` and the process of a stage speak, with real processes."""

import os
import signal
import subprocess
import sys
import time

import pytest

from pipeline.kubeflow.desk import Desk

STAGE = """
import sys, time
from pipeline.console import cli; from pipeline.kubeflow import desk

def body(values):
    print("at work", flush=True)
    print("careful", file=sys.stderr, flush=True)
    if sys.argv[1] == "fail":
        raise OSError(28, "full", "/disk")
    time.sleep(float(sys.argv[2]))
    print("done", flush=True)

with desk.at_work():
    cli.run("stage", "", (), body, args=())
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "desk").mkdir()
    return tmp_path / "desk"


def start(folder, *words, owner=None):
    """Starts a stage, as KFP does: what it prints goes nowhere."""
    new = Desk(str(folder)).environment() if folder else {}
    new |= {"EBM_TF_DESK_OWNER": str(owner)} if owner else {}
    return subprocess.Popen(
        [sys.executable, "-c", STAGE, *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | new,
    )


def wait_for_work(folder, process):
    while not (folder / "pid").exists():
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.3)  # until it has its handlers


def test_a_stage_writes_where_all_writes(folder, capfd):
    assert start(folder, "work", "0").wait(60) == 0
    assert capfd.readouterr() == ("at work\ndone\n", "careful\n")
    assert Desk(str(folder)).exit_code() is None
    assert os.listdir(folder) == []


def test_a_failing_stage_says_why_and_leaves_its_code(folder, capfd):
    assert start(folder, "fail").wait(60) == 2
    assert capfd.readouterr().err == "careful\nstage: full: /disk\n"
    assert Desk(str(folder)).exit_code() == 2


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_the_stage_at_work_and_those_after_it(folder, capfd, signum):
    desk = Desk(str(folder))
    process = start(folder, "work", "60")
    wait_for_work(folder, process)
    desk.stop(signum)
    assert process.wait(60) == 128 + signum == desk.exit_code()
    assert start(folder, "work", "60").wait(60) == 128 + signum
    assert capfd.readouterr().out == "at work\n"


def test_a_stage_ends_when_all_is_killed(folder):
    owner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    process = start(folder, "work", "60", owner=owner.pid)
    wait_for_work(folder, process)
    owner.kill()
    owner.wait(60)
    assert process.wait(60) == 143
    assert start(folder, "work", "60", owner=owner.pid).wait(60) in (143, -15)


def test_without_a_desk_a_stage_runs_by_itself(capfd):
    assert start(None, "work", "0").wait(60) == 0
    assert capfd.readouterr() == ("", "")


def test_stopping_while_no_stage_is_at_work_is_remembered(folder):
    Desk(str(folder)).stop(signal.SIGTERM)
    assert start(folder, "work", "60").wait(60) == 143
