"""Stages one after the other: in order, held, counted, each as in a new process."""

import contextlib
import gc
import os
import re
import subprocess
import sys
import types

import keras
import pytest

from ebm_tf import checks
from pipeline.stages.whole_run import run as whole_run
from pipeline.stages.whole_run.steps import Order, Step
from pipeline.store import artifacts, locks

CONFIG = types.SimpleNamespace(train=types.SimpleNamespace(gpu=None))
ORDER = Order(config=CONFIG, seed=0)


@pytest.fixture(scope="module", autouse=True)
def settled():
    """Keras collects garbage for every stage: not what other tests have left alive."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def of_step():
    """A context for each stage that notes when it begins; the list is `of_step.log`."""

    @contextlib.contextmanager
    def context(name):
        context.log.append(name)
        yield

    context.log = []
    return context


def make(order, inputs, out):
    """Makes an artifact, unless it is there, that tells the name of a layer."""
    kind = os.path.basename(out)
    found = artifacts.find(out, kind, {}, {}, order.seed)
    if not found:
        with artifacts.writing(out, kind, {}, {}, order.seed) as scratch:
            scratch.notes.update(layer=keras.layers.Dense(1).name, inputs=inputs)


STEPS = (
    Step(name="a", output="first", run=make),
    Step(name="b", output="second", inputs=("first",), run=make),
)


@pytest.fixture
def steps(monkeypatch):
    monkeypatch.setattr(whole_run, "STEPS", STEPS)


def test_stages_follow_each_other_and_only_what_is_made_is_told(
    tmp_path, steps, of_step, capsys
):
    out = str(tmp_path / "run")
    whole_run.run(out, ORDER, of_step)
    assert of_step.log == ["a", "b"]
    told = capsys.readouterr().out
    assert re.fullmatch(f"all: made by a, b, in [0-9]+ s: {out}\n", told)
    second = artifacts.peek(f"{out}/second", "second")
    assert second.manifest["notes"]["inputs"] == {"first": f"{out}/first"}
    whole_run.run(out, ORDER, of_step)
    told = capsys.readouterr().out
    assert told.startswith(f"all: nothing to do: {out} is as asked (")
    os.rename(f"{out}/second", f"{out}/elsewhere")
    whole_run.run(out, ORDER, of_step)
    assert capsys.readouterr().out.startswith("all: made by b, in ")


def test_every_stage_names_its_layers_from_the_start(tmp_path, steps, of_step):
    keras.layers.Dense(1)
    whole_run.run(str(tmp_path), ORDER, of_step)
    for kind in ("first", "second"):
        made = artifacts.peek(str(tmp_path / kind), kind)
        assert made.manifest["notes"]["layer"] == "dense"


def test_a_folder_that_was_made_in_vain_goes(tmp_path, monkeypatch, of_step):
    def fail(order, inputs, out):
        raise checks.InvalidValueError("no")

    monkeypatch.setattr(whole_run, "STEPS", (Step(name="a", output="first", run=fail),))
    with pytest.raises(checks.InvalidValueError):
        whole_run.run(str(tmp_path / "run"), ORDER, of_step)
    assert os.listdir(tmp_path) == []
    (tmp_path / "mine").mkdir()
    with pytest.raises(checks.InvalidValueError):
        whole_run.run(str(tmp_path / "mine"), ORDER, of_step)
    assert os.listdir(tmp_path) == ["mine"]


def test_a_folder_is_held(tmp_path, steps, of_step):
    out = str(tmp_path)
    with locks.locked(out, out), pytest.raises(checks.InvalidValueError, match="anoth"):
        whole_run.run(out, ORDER, of_step)
    assert of_step.log == [] and os.listdir(tmp_path) == []


DIVIDED = """
import contextlib, sys, types
from pipeline.console import tensorflow_import
from pipeline.stages.whole_run import run as whole_run
from pipeline.stages.whole_run.steps import Order, Step

def idle(order, inputs, out):
    assert "tensorflow" not in sys.modules

def work(order, inputs, out):
    tensorflow_import.import_tensorflow()
    import tensorflow as tf
    print(len(tf.config.list_logical_devices("CPU")))

steps = (("a", idle), ("b", work))
whole_run.STEPS = [Step(name=name, output=name, run=run) for name, run in steps]
config = types.SimpleNamespace(train=types.SimpleNamespace(gpu=None))
order = Order(config=config, seed=0, strategy="cpu:3")
whole_run.run(sys.argv[1], order, lambda name: contextlib.nullcontext())
"""


def test_the_cpu_is_divided_before_the_first_stage_that_works(tmp_path):
    process = subprocess.run(
        [sys.executable, "-c", DIVIDED, str(tmp_path)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert process.stdout.startswith("3\nall: nothing to do"), process
