"""What makes an artifact beside its settings: code, and whose."""

from collections.abc import Mapping

from ebm_tf import registry

from . import choices, code_digest


def of(kind: str, config, inputs: Mapping) -> dict:
    """Returns what makes an artifact: the fields choices, imports and code.

    The network of a model it is made from runs again, so it counts too.
    """
    chosen = choices.of(config)
    imports = choices.imports_of(chosen)
    modules = {module: imports.get(module) for module in chosen.values()}
    for made in inputs.values():
        if made.kind == "model":
            modules |= _network_of(made)
    code = code_digest.digest(kind, modules)
    return {"choices": chosen, "imports": imports, "code": code}


def _network_of(model) -> dict[str, str | None]:
    """Returns the modules of a model's network, a user's with the sha256 it has now."""
    imports = model.manifest["imports"] | registry.imported_modules()
    names = {
        module
        for path, module in model.choices.items()
        if path.partition(".")[0] == "energy"
    }
    return {name: imports.get(name) for name in names}
