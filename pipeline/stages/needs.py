"""What the stages take of memory and of disk, at the least, by their settings.

Each is of what the settings alone decide: arrays of so many states, and of a network
what its activation functions give for one batch, all of which is there when a gradient
is taken. What comes on top is not known before it runs: values between them, gradients,
a second batch on the tape, what libraries work in. On a machine with a GPU, where that
batch is in another memory, activations are not counted.
"""

import dataclasses
from collections.abc import Iterable

from ebm_tf import gpus
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.likelihood.config import LikelihoodConfig
from ebm_tf.resources import DISK, Need, size
from ebm_tf.settings import from_dict

from ..settings.config import ExportConfig, IngestConfig, RunConfig, SampleConfig

# Arrays of a batch in float32 that there are at the same time: its data or starts, the
# ends of its chains, and the gradient at them.
_OF_BATCH = 3


def _state(details: dict) -> tuple[int, int]:
    """Returns the bytes of a state as float32, and as it is stored."""
    space = details.get("space")  # examples of format 1 lack it: images of levels
    is_levels = space is None or space.get("num_levels") is not None
    shape = details["shape"]
    return size(shape), size(shape, 1 if is_levels else 4)


def of_examples(details: dict, config: IngestConfig) -> list[Need]:
    """Returns what `ingest` needs of the disk; `details` are those of the examples."""
    num = sum(details["num_examples"].values())
    _, stored = _state(details)
    label = size([max(1, len(details["label_names"]))])
    names = [] if config.images is None else ["ingest.images.size"]
    what = f"a data set of {num:,} examples"
    return [Need(what, num * (stored + label), tuple(names), DISK)]


def _activations(network, shape, rows: int, settings, dtype="float32") -> Need:
    """Returns what a batch takes within a network, whose class may not be imported."""
    itemsize = 2 if dtype == "bfloat16" else 4
    num = 0 if gpus.may_be_there() else network.num_activations(tuple(shape))
    what = "the activations of a batch"
    return Need(what, rows * num * itemsize, (*settings, *widths(network)))


def of_training(
    config: RunConfig, details: dict, num_workers: int = 1, num_replicas: int = 1
) -> list[Need]:
    """Returns what `train` needs, but for the weights.

    Args:
        config: Of the whole run.
        details: Of the examples.
        num_workers: How many share a batch; each reads the whole of it.
        num_replicas: How many of one worker share its part, perhaps one after another.
    """
    width, stored = _state(details)
    batch = config.train.batch_size * (_OF_BATCH * width // num_workers + stored)
    kept = config.train.objective.needs(width, stored)
    shared_by = 1 if config.train.sizes_per_replica else num_workers * num_replicas
    return [
        Need("a batch of training", batch, ("train.batch_size",)),
        *named("train.objective", kept),
        _activations(
            config.energy,
            details["shape"],
            config.train.batch_size // shared_by,
            ["train.batch_size"],
            config.train.dtype,
        ),
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


def of_samples(
    config: SampleConfig, details: dict, network: dict | None = None
) -> list[Need]:
    """Returns what `sample` needs.

    Args:
        config: How many, and by which chains.
        details: Of the model.
        network: The settings of its network, as its manifest has them, or None.
    """
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
    # Of a kind that is not imported the stage says so, later.
    if network is not None and network["kind"] in NetworkConfig.kinds():
        settings = from_dict(NetworkConfig, network, "energy")
        rows = config.batch_size
        each = _activations(settings, details["shape"], rows, ["sample.batch_size"])
        # Its widths are those of a model that is there.
        found.append(dataclasses.replace(each, settings=("sample.batch_size",)))
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
