"""Command lines that make an artifact again, from its manifest."""

import json
import os
import shlex
from collections.abc import Iterator, Mapping, Sequence

from ..console import cli
from ..settings import presets
from ..store.artifacts import Artifact


def stage_command(
    stage: str,
    out: str,
    seed: int,
    inputs: Mapping[str, Artifact],
    settings: dict[str, dict],
) -> str:
    """Returns the command line of a stage that reads a model.

    Args:
        stage: Name of the command.
        out: Folder of the artifact, in a run folder.
        seed: Its seed.
        inputs: What it was made from, by the name of the flag; one is "model".
        settings: Its settings by section; those that differ from the model's own
            become `--set`.
    """
    model = inputs["model"]
    words = _overrides(differences(model.config, settings))
    return _line(stage, _imports(model), words, out, seed, inputs)


def train_command(model: Artifact, examples: Artifact) -> str:
    """Returns the command line that trains `model`, from the nearest preset."""
    best = None
    for name in presets.preset_names():
        _, data = presets.read_preset(name)
        if data["energy"]["kind"] == model.config["energy"]["kind"]:
            found = list(differences(data, model.config))
            if best is None or len(found) < len(best[1]):
                best = name, found
    name, found = best or ("SETTINGS.json", [])
    words = _overrides(found)
    state = model.manifest["notes"].get("state")
    if state:
        words.append(f"--state={_from_here(state)}")
    init = model.manifest["inputs"].get("init")
    if init:
        words.append(f"--init={_from_here(init['path'])}")
    return _line(
        "train",
        [*_imports(model), f"--preset={name}"],
        words,
        model.path,
        model.seed,
        {"examples": examples},
    )


def resume_command(values: Mapping, seed: int, out: str) -> str:
    """Returns the command line that goes on with a training.

    Args:
        values: Values of the flags of the command that began it, by name.
        seed: Its seed.
        out: Its run folder.
    """
    examples, strategy = values["examples"], values["strategy"]
    words = [f"--import={name}" for name in values["import"]]
    words += [f"--examples={_from_here(os.path.abspath(examples))}"] if examples else []
    words += [f"--strategy={strategy}"] if strategy != "auto" else []
    init = values.get("init")
    words += [f"--init={_from_here(os.path.abspath(init))}"] if init else []
    words += [f"--seed={seed}"] if seed else []
    words.append(f"--out={_from_here(os.path.abspath(out))}")
    return f"./bazelw run //pipeline:train -- {shlex.join(words)}"


def same_command(stage: str, flags: Sequence[cli.Flag], values: Mapping) -> str:
    """Returns the command line with these values of its flags.

    Args:
        stage: Name of the command.
        flags: Those it takes.
        values: Their values by name; a default is not written.
    """
    words = []
    for flag in flags:
        value = values[flag.name]
        if flag.kind == "switch":
            words += [f"--{flag.name}"] if value else []
        elif flag.kind == "many":
            words += [f"--{flag.name}={each}" for each in value]
        elif value != flag.default:
            shown = _from_here(os.path.abspath(value)) if flag.kind == "path" else value
            words.append(f"--{flag.name}={shown}")
    return f"./bazelw run //pipeline:{stage} -- {shlex.join(words)}"


def differences(old: dict, new: dict, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yields dotted name and value of what `new` has otherwise than `old`."""
    for name, value in new.items():
        other = old.get(name)
        # Of another kind the fields are others: it is given as a whole.
        both = isinstance(value, dict) and isinstance(other, dict)
        if both and value.get("kind") == other.get("kind"):
            yield from differences(old[name], value, f"{prefix}{name}.")
        elif name not in old or old[name] != value:
            yield prefix + name, value


def _imports(model: Artifact) -> list[str]:
    return [f"--import={name}" for name in model.manifest["imports"]]


def _overrides(found) -> list[str]:
    return [f"--set={name}={json.dumps(value)}" for name, value in found]


def _line(stage, first, words, out, seed, inputs) -> str:
    run_folder = os.path.dirname(os.path.abspath(out))
    words = [*first, *words]
    for kind, artifact in inputs.items():
        path = os.path.abspath(artifact.path)
        if path != os.path.join(run_folder, kind):
            words.append(f"--{kind}={_from_here(path)}")
    words += [f"--seed={seed}"] if seed else []
    words.append(f"--out={_from_here(run_folder)}")
    return f"./bazelw run //pipeline:{stage} -- {shlex.join(words)}"


def _from_here(path: str) -> str:
    """Returns `path` as it is typed where the user stands."""
    here = os.environ.get("BUILD_WORKING_DIRECTORY", os.getcwd())
    relative = os.path.relpath(path, here)
    return path if relative.startswith("..") else relative
