"""The table of stages: each has what it needs from those before it."""

import dataclasses
import inspect

import pytest

from pipeline.settings import typed_presets
from pipeline.stages import export, ingest, train
from pipeline.stages.evaluate import evaluate
from pipeline.stages.sample import sample
from pipeline.stages.whole_run import steps

STAGES = {
    "ingest": ingest,
    "train": train,
    "sample": sample,
    "evaluate": evaluate,
    "export": export,
}
ORDER = steps.Order(
    config=typed_presets.read("digits"),
    seed=3,
    data_dir="data",
    strategy="one",
    force=True,
)


def test_every_input_is_made_before():
    made = set()
    for step in steps.STEPS:
        assert set(step.inputs) <= made
        made.add(step.output)
    assert list(steps.BY_NAME) == list(STAGES)


def test_parameters_are_fields_of_an_order():
    fields = {field.name for field in dataclasses.fields(steps.Order)}
    for step in steps.STEPS:
        assert set(step.parameters) <= fields - {"config", "seed"}


@pytest.mark.parametrize("name", STAGES)
def test_a_step_gives_its_stage_all_it_asks_for(name, monkeypatch):
    stage, step = STAGES[name], steps.BY_NAME[name]
    signature, calls = inspect.signature(stage.run), []

    def run(*args, **kwargs):
        calls.append(signature.bind(*args, **kwargs).arguments)
        return "made"

    monkeypatch.setattr(stage, "run", run)
    inputs = {kind: f"run/{kind}" for kind in step.inputs}
    assert step.run(ORDER, inputs, "run/out") == "made"
    [given] = calls
    assert given["out"] == "run/out" and given["seed"] == 3
    assert {kind: given[kind] for kind in step.inputs} == inputs
    for parameter in step.parameters:
        assert given[parameter] == getattr(ORDER, parameter)
