"""Presets for programs: sections of them as settings, with changes.

    train("digits", num_updates=100, objective={"langevin": {"num_steps": 5}})

A change that is a dict changes a block, field by field; one of another `kind`, or
settings that are made already, take its place.
"""

import dataclasses

from ebm_tf import settings
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.likelihood.config import LikelihoodConfig
from ebm_tf.sampling.samplers import SamplerConfig
from ebm_tf.training.config import TrainConfig

from . import presets
from .config import RunConfig


def names() -> list[str]:
    """Returns the names of the presets, sorted."""
    return presets.preset_names()


def read(name: str) -> RunConfig:
    """Returns all settings of a preset, by its name or the path of a JSON file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If there is no such preset, or it is wrong.
    """
    return settings.from_dict(RunConfig, presets.read_preset(name)[1])


def train(name: str, **changes) -> TrainConfig:
    """Returns the settings of a preset's training; raises as `read`."""
    return _section(TrainConfig, name, ("train",), changes)


def network(name: str, **changes) -> NetworkConfig:
    """Returns the settings of a preset's network; raises as `read`."""
    return _section(NetworkConfig, name, ("energy",), changes)


def sampler(name: str, **changes) -> SamplerConfig:
    """Returns the settings of a preset's chains; raises as `read`."""
    return _section(SamplerConfig, name, ("sample", "sampler"), changes)


def likelihood(name: str, **changes) -> LikelihoodConfig:
    """Returns the settings of a preset's likelihood estimates; raises as `read`."""
    return _section(LikelihoodConfig, name, ("evaluate", "likelihood"), changes)


def _section(cls, name: str, path: tuple[str, ...], changes: dict):
    data = presets.read_preset(name)[1]
    for each in path:
        data = data[each]
    made = {n: settings.to_dict(v) for n, v in changes.items() if _is_made(v)}
    data = presets.merged(data, changes) | made
    return settings.from_dict(cls, data, ".".join(path))


def _is_made(value) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)
