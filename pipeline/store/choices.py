"""Which registered choices a configuration holds, and the modules that made them."""

import dataclasses
from collections.abc import Mapping

from ebm_tf import registry


def of(config) -> dict[str, str]:
    """Returns the dotted name of the module of every registered choice.

    A configuration that names a choice by a word of its own tells where that is, in a
    method `named_modules`: dotted names of modules by the name of the field.

    Args:
        config: A configuration, or a dict of configurations.

    Returns:
        Module by the path of the choice, such as "train.objective"; "kind" for the
        configuration itself.
    """
    return {path or "kind": module for path, module in _walk(config, "")}


def require_names(config) -> None:
    """Raises if a configuration names something that there is not.

    One that names things by words of its own says so in a method `require_names`, and
    the nearest that there is.

    Args:
        config: As `of` takes it.

    Raises:
        ValueError: If so.
    """
    for value in _parts(config):
        if hasattr(value, "require_names"):
            value.require_names()


def imports_of(modules: Mapping[str, str]) -> dict[str, str]:
    """Returns those of the modules that a user imported: name -> sha256 of its file."""
    known = registry.imported_modules()
    return {name: known[name] for name in modules.values() if name in known}


def _walk(value, path: str):
    if isinstance(value, registry.Registered):
        yield path, type(value).__module__
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        children = {name: getattr(value, name) for name in names}
        if hasattr(value, "named_modules"):
            for name, module in value.named_modules().items():
                yield _below(path, name), module
    elif isinstance(value, Mapping):
        children = value
    elif isinstance(value, (tuple, list)):
        children = dict(enumerate(value))
    else:
        return
    for name, child in children.items():
        yield from _walk(child, _below(path, name))


def _parts(value):
    """Yields a value, and all that it holds in any depth."""
    yield value
    children = ()
    if dataclasses.is_dataclass(value):
        children = [getattr(value, f.name) for f in dataclasses.fields(value)]
    elif isinstance(value, Mapping):
        children = value.values()
    elif isinstance(value, (tuple, list)):
        children = value
    for child in children:
        yield from _parts(child)


def _below(path: str, name) -> str:
    return f"{path}.{name}" if path else str(name)
