"""The command `compile`: the pipeline for a cluster, in KFP's own form."""

import json
import os

from ebm_tf import checks, files, settings

from ..console import cli
from . import command, flags

_FLAGS = (
    cli.Flag(
        name="image",
        group="inputs",
        value="NAME",
        help="Container image that holds this project; see docs/guide/cluster.md.",
    ),
    cli.Flag(
        name="output",
        group="outputs",
        kind="path",
        value="FILE",
        default="pipeline.yaml",
        help="Where to write; replaced if it is there.",
    ),
    cli.Flag(
        name="accelerator",
        group="how",
        value="TYPE",
        help="Asked for by all stages but ingest, such as nvidia.com/gpu.",
    ),
    cli.Flag(
        name="accelerator_count",
        group="how",
        kind="whole",
        value="N",
        default=1,
        help="How many of them.",
    ),
    cli.Flag(
        name="cpu",
        group="how",
        value="CORES",
        help="CPU cores of these stages, such as 4.",
    ),
    cli.Flag(
        name="memory",
        group="how",
        value="SIZE",
        help="Memory of these stages, such as 16G.",
    ),
)


def _compile(values: dict) -> None:
    image, output = values["image"], values["output"]
    checks.require(bool(image), "--image", "the name of a container image", image)
    checks.require(output.endswith(".yaml"), "--output", "a .yaml file", output)
    count = values["accelerator_count"]
    checks.require(count >= 1, "--accelerator_count", "at least 1", count)
    if values["dataset"] is None and values["preset"] is None:
        values["dataset"] = "mnist"
    request = flags.resolve(values | {"out": output, "seed": 0})
    checks.require_file(os.path.dirname(output) or ".", "the folder of --output")
    text = _yaml(image, request.config, values)
    files.write_text(output, text)
    print(f"compile: wrote {output}")


def _yaml(image: str, config, values: dict) -> str:
    # Only now: whoever asks for help or has a typo need not wait for KFP.
    from ..kubeflow import compiled, dag

    resources = dag.Resources(
        accelerator=values["accelerator"],
        accelerator_count=values["accelerator_count"],
        cpu=values["cpu"],
        memory=values["memory"],
    )
    text = json.dumps(settings.to_dict(config))
    return compiled.to_yaml(dag.define(image, text, resources))


main = command.Command(
    name="compile",
    summary="writes the pipeline for Kubeflow Pipelines; settings are its defaults.",
    flags=(*flags.named("dataset", "preset", "set", "import"), *_FLAGS),
    body=_compile,
)
