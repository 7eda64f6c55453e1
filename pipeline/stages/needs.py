"""What the stages take of memory and of disk, at the least, by their settings.

Each is of what the settings alone decide: arrays of so many states. What a network
needs for its own values comes on top and is not known before it runs.
"""

import dataclasses
from collections.abc import Iterable

from ebm_tf.likelihood.config import LikelihoodConfig
from ebm_tf.resources import DISK, Need, size

from ..settings.config import ExportConfig, RunConfig, SampleConfig

# Arrays of a batch in float32 that there are at the same time: its data or starts, the
# ends of its chains, and the gradient at them.
_OF_BATCH = 3


def _state(details: dict) -> tuple[int, int]:
    """Returns the bytes of a state as float32, and as it is stored."""
    space = details.get("space")  # examples of format 1 lack it: images of levels
    is_levels = space is None or space.get("num_levels") is not None
    shape = details["shape"]
    return size(shape), size(shape, 1 if is_levels else 4)


def of_training(config: RunConfig, details: dict, num_workers: int = 1) -> list[Need]:
    """Returns what `train` needs, but for the weights.

    Args:
        config: Of the whole run.
        details: Of the examples.
        num_workers: How many share a batch; each reads the whole of it.
    """
    width, stored = _state(details)
    batch = config.train.batch_size * (_OF_BATCH * width // num_workers + stored)
    kept = config.train.objective.needs(width, stored)
    return [
        Need("a batch of training", batch, ("train.batch_size",)),
        *named("train.objective", kept),
        Need("the network", 0, widths(config.energy)),
    ]


def widths(config, path: str = "energy") -> tuple[str, ...]:
    """Returns the names of the settings of a network that make it larger."""
    found = []
    for field in dataclasses.fields(config):
        value, name = getattr(config, field.name), f"{path}.{field.name}"
        if dataclasses.is_dataclass(value):
            found += widths(value, name)
        is_size = field.name.endswith(("filters", "widths", "num_members"))
        found += [name] if is_size else []
    return tuple(found)


def of_samples(config: SampleConfig, details: dict) -> list[Need]:
    """Returns what `sample` needs; `details` are the model's."""
    width, stored = _state(details)
    batch = config.batch_size * _OF_BATCH * width
    strips = config.num_strips * config.strip_frames * stored
    found = [
        Need("a batch of chains", batch, ("sample.batch_size",)),
        Need("the film strips", strips, ("sample.num_strips", "sample.strip_frames")),
        Need(
            f"{config.num_samples:,} samples",
            config.num_samples * (stored + size([1])),  # each with its energy
            ("sample.num_samples",),
            DISK,
        ),
    ]
    if config.process is not None:
        kept = config.process.capacity * width
        found.append(Need("the process", kept, ("sample.process.capacity",)))
    return found


def of_likelihood(
    config: LikelihoodConfig, details: dict, section: str = "evaluate.likelihood"
) -> list[Need]:
    """Returns what `likelihood` needs; `details` are the examples'."""
    width, _ = _state(details)
    chains = {
        "num_chains": config.num_chains,
        "pilot.num_chains": config.pilot.num_chains,
    }
    stops = {"num_temperatures": config.num_temperatures[-1]}
    if config.beta is None:
        chains["scan.num_chains"] = config.scan.num_chains
        stops["scan.num_temperatures"] = config.scan.num_temperatures
    test = details["num_examples"].get("test", 0)
    reverse = min(config.num_images, test) * config.chains_per_image
    names = "num_images", "chains_per_image"
    at_once = min(config.chains_per_batch, max(reverse, *chains.values()))
    batch = Need(
        "a batch of chains", at_once * _OF_BATCH * width, ("chains_per_batch",)
    )
    found = [batch, Need("the reverse chains", reverse * width, names)]
    found += [Need("the chains", num * width, (n,)) for n, num in chains.items()]
    # Inverse temperatures and what is seen at each, float64.
    found += [Need("the path", size([num, 4], 8), (n,)) for n, num in stops.items()]
    return named(section, found)


def of_export(config: ExportConfig, details: dict) -> list[Need]:
    """Returns what `export` needs; `details` are the model's."""
    if config.stablehlo is None:
        return []
    width, _ = _state(details)
    batch = config.stablehlo.num * _OF_BATCH * width
    return [Need("a call of the program", batch, ("export.stablehlo.num",))]


def named(section: str, needs: Iterable[Need]) -> list[Need]:
    """Returns needs whose settings are named from the root."""
    return [
        dataclasses.replace(
            need, settings=tuple(f"{section}.{n}" for n in need.settings)
        )
        for need in needs
    ]


def of_study(config, details: dict) -> list[Need]:
    """Returns what a registered study needs; `details` are the model's."""
    return named(f"studies.{config.kind}", config.needs(*_state(details)))
