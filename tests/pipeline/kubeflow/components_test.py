"""What components make of what KFP hands over."""

import json

import pytest
from kfp import dsl

from pipeline.kubeflow import components
from pipeline.settings import presets


def task(settings=None, overrides=(), run_folder="", **parameters):
    text = json.dumps(presets.read_preset("mnist")[1] if settings is None else settings)
    return components.Task(text, list(overrides), 0, run_folder, parameters)


def test_overrides_change_the_settings():
    found = task(overrides=["train.num_updates=3", "l2_weight=2"], force=True).order()
    assert found.config.train.num_updates == 3
    assert found.config.train.objective.l2_weight == 2.0
    assert (found.seed, found.strategy, found.force) == (0, "auto", True)


@pytest.mark.parametrize(
    "made, text",
    [
        (components.Task("{", [], 0, ""), "settings is not JSON"),
        (components.Task("[]", [], 0, ""), "settings must hold one JSON object"),
        (task({"train": {}}), "lacks the field `ingest`"),
        (task(overrides=["seed=1"]), "--set names no field: seed"),
        (task(overrides=["train.num_updates=x"]), "must be a whole number"),
    ],
)
def test_bad_settings_end_the_component_with_one_line(made, text, capfd):
    with pytest.raises(SystemExit) as caught:
        components.run("ingest", made, {}, dsl.Dataset())
    assert caught.value.code == 2
    err = capfd.readouterr().err
    assert err.startswith("ingest: ") and text in err and err.count("\n") == 1


def test_outputs_lie_in_the_run_folder_or_where_kfp_says():
    output = dsl.Model(uri="/kfp/model")
    assert task().place(output, "model") == "/kfp/model" == output.uri
    assert task(run_folder="/run").place(output, "model") == "/run/model"
    assert output.uri == "/run/model"
