"""The network of an artifact `model`, loaded: the one that its manifest describes."""

from ebm_tf import checks, settings
from ebm_tf.energy.networks import NetworkConfig

from ..store import artifacts


def load(model: artifacts.Artifact):
    """Returns the energy in an artifact `model`, an `EnergyModel`.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is damaged, or another one than the manifest says.
    """
    from ebm_tf.energy.build import load_energy

    path = model.file("model.keras")
    energy = load_energy(path)
    said = settings.from_dict(NetworkConfig, model.config["energy"], "energy")
    if energy.config is not None and energy.config != said:
        difference = _difference(energy.config, said)
        raise checks.InvalidValueError(
            f"{path} is another network than its manifest says: {difference}"
        )
    shape, wanted = list(energy.state_shape), list(model.details["shape"])
    if shape != wanted:
        raise checks.InvalidValueError(
            f"{path} is of states of shape {shape}, and its manifest says {wanted}"
        )
    return energy


def _difference(found: NetworkConfig, said: NetworkConfig) -> str:
    found, said = settings.to_dict(found), settings.to_dict(said)
    names = [name for name in found | said if found.get(name) != said.get(name)]
    return ", ".join(
        f"{name} is {checks.shown(found.get(name))}, not {checks.shown(said.get(name))}"
        for name in names
    )
