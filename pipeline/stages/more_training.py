"""More updates of a finished model, and a training that starts from given weights."""

import dataclasses
import os
import re
import shutil

from ebm_tf import checks, settings

from ..console import tensorflow_import
from ..settings import overrides, sections
from ..settings.config import RunConfig
from ..store import artifacts, manifests, replacement, single_files

_INDEX = re.compile(r"checkpoints/(ckpt-(\d+)(?:-retry-(\d+))?)\.index")


def place(
    out: str, examples: artifacts.Artifact, config: RunConfig, seed: int
) -> tuple[str, str | None]:
    """Returns the folder of the model that is asked for, and that of its parent.

    Where `out` holds a model of the same request but of fewer updates, it stays, and
    the one of N updates goes to `out`_N. Its parent, from which it goes on, is the one
    of them that has the most updates.

    Args:
        out: Folder of a model.
        examples: What it is to be trained on.
        config: Settings of the run.
        seed: A whole number.

    Returns:
        Two folders; `out` and None where a model is to be trained from the start, was
        made by this request, or is of another one.
    """
    asked = config.train.num_updates
    made = _num_updates(out, examples, config, seed)
    if replacement.is_on() or made is None or made >= asked:
        return out, None
    found = {made: out}
    for path in _beside(out):
        num = _num_updates(path, examples, config, seed)
        if num is not None and num < asked:
            found[num] = path
    return f"{os.path.normpath(out)}_{asked}", found[max(found)]


def _beside(out: str) -> list[str]:
    folder, name = os.path.split(os.path.normpath(os.path.abspath(out)))
    wanted = re.compile(rf"{re.escape(name)}_\d+")
    return sorted(
        os.path.join(folder, each)
        for each in os.listdir(folder)
        if wanted.fullmatch(each)
    )


def _num_updates(path, examples, config, seed) -> int | None:
    """Returns the updates of the model at `path`, None if all else is not as asked."""
    if not os.path.exists(os.path.join(path, artifacts.MANIFEST)):
        return None
    model = artifacts.peek(path, "model")
    num = model.config["train"]["num_updates"]
    train = dataclasses.replace(config.train, num_updates=num)
    wanted = {"energy": config.energy, "train": train}
    request = manifests.request("model", wanted, {"examples": examples.digest}, seed)
    made = manifests.completed(manifests.request_of(model.manifest), wanted)
    made["inputs"] = {"examples": made["inputs"].get("examples")}
    has_others = set(model.manifest["inputs"]) - {"examples", "parent"}
    return None if has_others or manifests.difference(made, request) else num


def take_checkpoint(parent: artifacts.Artifact, folder: str) -> None:
    """Copies the newest checkpoint of a model, unless there are checkpoints already.

    Args:
        parent: The model.
        folder: Of the checkpoints of the training that goes on from it.

    Raises:
        ValueError: If the model has none.
    """
    found = {}
    for name in parent.manifest["files"]:
        index = _INDEX.fullmatch(name)
        if index:
            found[int(index[2]), int(index[3] or 0)] = index[1]
    rule = "a model with a checkpoint to go on from"
    checks.require(bool(found), "parent", rule, parent.path)
    if os.path.isdir(folder) and any(n.endswith(".index") for n in os.listdir(folder)):
        return
    os.makedirs(folder, exist_ok=True)
    newest = f"checkpoints/{found[max(found)]}."
    names = [name for name in parent.manifest["files"] if name.startswith(newest)]
    for name in sorted(names, key=lambda name: name.endswith(".index")):  # it is last
        shutil.copyfile(parent.file(name), os.path.join(folder, os.path.basename(name)))


def source_of_weights(path: str) -> artifacts.Artifact | single_files.SingleFile:
    """Returns what is at `path`: the folder of a `model`, or a `.keras` file.

    Raises:
        FileNotFoundError: If there is nothing.
        ValueError: If it is something else.
    """
    if path.endswith(".keras") or os.path.isfile(path):
        return single_files.of(path, "the network")
    return artifacts.peek(path, "model")


def require_same_network(
    source: artifacts.Artifact | single_files.SingleFile,
    config: RunConfig,
    examples: artifacts.Artifact,
) -> None:
    """Raises ValueError unless given weights fit the network that is asked for."""
    stored, details = _said_by(source)
    asked = {"energy": settings.to_dict(config.energy)}
    other = stored and overrides.first_difference({"energy": stored}, asked)
    if other:
        raise checks.InvalidValueError(f"{source.path} is of another network: {other}")
    for name in ("shape", "space"):
        mine, wanted = details.get(name), examples.details.get(name)
        if None not in (mine, wanted):
            rule = f"a model of states of the {name} {wanted}"
            checks.require(mine == wanted, "--init", rule, mine)


def _said_by(source) -> tuple[dict | None, dict]:
    """Returns the settings of a network, if they are known, and its shape and space."""
    if isinstance(source, artifacts.Artifact):
        found = sections.resolved(source.config, ["energy"])
        return found["energy"], source.details
    energy = _read(source)
    details = {"shape": list(energy.state_shape), "space": energy.space.to_dict()}
    return energy.config and settings.to_dict(energy.config), details


def _read(source: artifacts.Artifact | single_files.SingleFile):
    """Returns the network of a model, or in a file."""
    tensorflow_import.import_tensorflow()
    from ebm_tf.energy.build import load_energy

    is_file = isinstance(source, single_files.SingleFile)
    return load_energy(source.path if is_file else source.file("model.keras"))


def take_weights(source, trainer) -> None:
    """Gives the network of a trainer that has not begun the weights of another.

    Raises:
        ValueError: If they are not as many, or of other shapes.
    """
    given = _read(source).variables
    shapes, wanted = (
        [tuple(variable.shape) for variable in variables]
        for variables in (given, trainer.energy.variables)
    )
    rule = f"a network with weights of the shapes {wanted}"
    checks.require(shapes == wanted, "--init", rule, shapes)
    for variable, value in zip(trainer.energy.variables, given, strict=True):
        variable.assign(value.value)
