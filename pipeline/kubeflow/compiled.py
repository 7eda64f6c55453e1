"""The pipeline as YAML, checked by KFP's own reader."""

import os
import tempfile

import yaml
from kfp import compiler, components

from ebm_tf import checks


def to_yaml(pipeline) -> str:
    """Returns the text that Kubeflow Pipelines runs.

    Args:
        pipeline: What `dag.define` returns.

    Raises:
        ValueError: If KFP finds something wrong with it, such as a resource.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "pipeline.yaml")
        compiler.Compiler().compile(pipeline, path)
        with open(path, encoding="utf-8") as file:
            text = file.read()
    try:
        components.load_component_from_text(text)
    except (ValueError, yaml.YAMLError) as error:
        raise checks.InvalidValueError(f"KFP refuses the pipeline: {error}") from error
    return text
