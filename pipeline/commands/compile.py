"""The command `compile`: the pipeline for a cluster, in KFP's own form."""

import json
import os
import re

from ebm_tf import checks, files, settings

from ..console import cli
from . import command, flags

# [HOST[:PORT]/]PATH[:TAG][@DIGEST], as registries take it:
# https://distribution.github.io/distribution/spec/api/#overview
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*(?::[0-9]{{1,5}})?"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_IMAGE = re.compile(
    rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*(?::[\w][\w.-]{{0,127}})?"
    r"(?:@sha256:[0-9a-f]{64})?",
    re.ASCII,
)
_MAX_IMAGE = 255  # letters of a name, its tag and digest aside

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
    _require_image(image)
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


def _require_image(image: str | None) -> None:
    checks.require(bool(image), "--image", "the name of a container image", image)
    rule = (
        "a name that a registry takes, [HOST[:PORT]/]PATH[:TAG][@sha256:DIGEST], its "
        f"path in small letters and at most {_MAX_IMAGE} of them"
    )
    name = image.partition("@")[0]
    holds = bool(_IMAGE.fullmatch(image)) and len(name) <= _MAX_IMAGE
    checks.require(holds, "--image", rule, image)


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
    examples=(
        "--dataset=mnist --image=registry.example.org/ebm_tf:1",
        "--preset=cifar10_conditional --image=ebm_tf --accelerator=nvidia.com/gpu",
    ),
)
