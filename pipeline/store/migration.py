"""What older formats of the store become: today's layout, in memory alone.

Format 1 had every setting and every file in its digest, and `train` held what the
objective uses: langevin, replay, chain_schedule, step_energy_scale, hmc. Denoising took
its temperature from `langevin`. The moving average of weights began at the first
update's weights. The one study, `saturation`, was a section of the run; its artifact
did not say the kind of its settings.
"""

import copy

from ebm_tf.energy.networks import NetworkConfig

from . import manifests

FORMATS = (1, manifests.FORMAT)
_OF_OBJECTIVE = ("langevin", "replay", "chain_schedule", "step_energy_scale", "hmc")
_STUDY = "saturation"


def digest_of(manifest: dict) -> str:
    """Returns what the field `digest` of a manifest of any format must be."""
    if manifest["format"] == manifests.FORMAT:
        return manifests.digest_of(manifest)
    request = manifests.request_of(manifest | {"shown": []})
    del request["shown"]
    rest = {name: manifest[name] for name in ("details", "files")}
    return manifests.sha256(request | rest)


def manifest(stored: dict) -> dict:
    """Returns a manifest of any format in today's layout; it keeps its digest."""
    if stored["format"] == manifests.FORMAT:
        return stored
    config = run_config(stored["config"])
    made_by = {"choices": _choices(config), "imports": {}}
    return stored | {"config": config, "shown": [], "shown_files": []} | made_by


def _choices(config: dict) -> dict:
    """Returns the module of the network, the one choice that others run again."""
    if "energy" not in config:
        return {}
    return {"energy": NetworkConfig.module_of(config["energy"]["kind"])}


def request(stored: dict) -> dict:
    """Returns the request of unfinished work in today's layout.

    Args:
        stored: What its `request.json` holds.
    """
    found = stored.get("request", {})
    if stored.get("format", 1) == manifests.FORMAT:
        return found
    return found | {"config": run_config(found.get("config", {}))}


def run_config(stored: dict) -> dict:
    """Returns a configuration of format 1 in today's layout."""
    config = copy.deepcopy(stored)
    _move_study(config)
    train = config.get("train")
    if isinstance(train, dict) and "langevin" in train:
        _move_objective(train)
    return config


def _move_objective(train: dict) -> None:
    moved = {name: train.pop(name) for name in _OF_OBJECTIVE}
    if train["objective"]["kind"] == "denoising":
        chain = moved["langevin"]
        temperature = chain["noise_std"] ** 2 / (2.0 * chain["step_size"])
        train["objective"]["temperature"] = temperature
    else:
        train["objective"] |= moved
    train["optimizer"]["ema_start"] = "first_weights"


def _move_study(config: dict) -> None:
    study = config.get(_STUDY)
    if isinstance(study, dict):
        study = {"kind": _STUDY} | study
        if "train" in config:  # a whole run; else the artifact of the study
            del config[_STUDY]
            config["studies"] = {_STUDY: study}
        else:
            config[_STUDY] = study
