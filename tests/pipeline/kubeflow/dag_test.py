"""The pipeline's definition: its parameters, and what stages ask of a cluster."""

import pytest
from google.protobuf import json_format

from ebm_tf import checks
from pipeline.kubeflow import dag

STAGES = {"ingest", "train", "sample", "evaluate", "export"}


def spec(**resources):
    pipeline = dag.define("some/image:1", "{}", dag.Resources(**resources))
    return json_format.MessageToDict(pipeline.pipeline_spec)


def test_stages_follow_each_other():
    tasks = spec()["root"]["dag"]["tasks"]
    assert {
        name: set(task.get("dependentTasks", [])) for name, task in tasks.items()
    } == {
        "ingest": set(),
        "train": {"ingest"},
        "sample": {"train"},
        "evaluate": {"ingest", "train", "sample"},
        "export": {"train", "evaluate"},
    }
    assert all(task["cachingOptions"] == {} for task in tasks.values())


def test_artifacts_have_kinds_and_parameters_have_words():
    found = spec()
    outputs = {
        name: artifact["artifactType"]["schemaTitle"]
        for component in found["components"].values()
        for name, artifact in component["outputDefinitions"]["artifacts"].items()
    }
    assert outputs == {
        "examples": "system.Dataset",
        "model": "system.Model",
        "samples": "system.Dataset",
        "evaluation": "system.Artifact",
        "metrics": "system.Metrics",
        "report": "system.HTML",
        "saved_model": "system.Model",
    }
    parameters = found["root"]["inputDefinitions"]["parameters"]
    assert {name: each["parameterType"] for name, each in parameters.items()} == {
        "settings": "STRING",
        "overrides": "LIST",
        "seed": "NUMBER_INTEGER",
        "data_dir": "STRING",
        "strategy": "STRING",
        "run_folder": "STRING",
        "force_export": "BOOLEAN",
    }
    assert all(len(each["description"]) > 10 for each in parameters.values())


def test_all_stages_but_ingest_ask_for_resources():
    asked = {"cpu": "500m", "memory": "8G", "accelerator": "nvidia.com/gpu"}
    executors = spec(**asked)["deploymentSpec"]["executors"]
    containers = {name[5:]: each["container"] for name, each in executors.items()}
    assert set(containers) == STAGES
    assert all(each["image"] == "some/image:1" for each in containers.values())
    for stage in STAGES - {"ingest"}:
        found = containers[stage]["resources"]
        assert found["resourceMemoryLimit"] == found["resourceMemoryRequest"] == "8G"
        assert found["resourceCpuLimit"] == found["resourceCpuRequest"] == "500m"
        assert found["accelerator"]["resourceType"] == "nvidia.com/gpu"
        assert found["accelerator"]["resourceCount"] == "1"
    assert "resources" not in containers["ingest"]
    plain = spec()["deploymentSpec"]["executors"]
    assert all("resources" not in each["container"] for each in plain.values())


@pytest.mark.parametrize("resources", [{"cpu": "many"}, {"memory": "16 X"}])
def test_a_resource_that_kfp_does_not_take_is_named(resources):
    ((name, value),) = resources.items()
    with pytest.raises(checks.InvalidValueError, match=f"`{name}` must be .*{value}"):
        spec(**resources)
