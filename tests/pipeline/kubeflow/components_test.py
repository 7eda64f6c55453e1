"""What components make of what KFP hands over."""

import json

import pytest
from kfp import dsl

from pipeline.kubeflow import components
from pipeline.settings import presets


def order(settings=None, overrides=(), run_folder=""):
    text = json.dumps(presets.read_preset("mnist")[1] if settings is None else settings)
    return components.Order(text, list(overrides), 0, run_folder)


def test_overrides_change_the_settings():
    found = order(overrides=["train.num_updates=3", "l2_weight=2"]).config()
    assert found.train.num_updates == 3
    assert found.train.objective.l2_weight == 2.0


@pytest.mark.parametrize(
    "made, text",
    [
        (components.Order("{", [], 0, ""), "settings is not JSON"),
        (components.Order("[]", [], 0, ""), "settings must hold one JSON object"),
        (order({"train": {}}), "lacks the field `ingest`"),
        (order(overrides=["seed=1"]), "--set names no field: seed"),
        (order(overrides=["train.num_updates=x"]), "must be a whole number"),
    ],
)
def test_bad_settings_end_the_component_with_one_line(made, text, capfd):
    with pytest.raises(SystemExit) as caught:
        components.ingest(made, "", dsl.Dataset())
    assert caught.value.code == 2
    err = capfd.readouterr().err
    assert err.startswith("ingest: ") and text in err and err.count("\n") == 1


def test_outputs_lie_in_the_run_folder_or_where_kfp_says():
    output = dsl.Model(uri="/kfp/model")
    assert order().place(output, "model") == "/kfp/model" == output.uri
    assert order(run_folder="/run").place(output, "model") == "/run/model"
    assert output.uri == "/run/model"
