"""The report: one HTML file with every number and picture, for phone and projector.

Pictures are inside the file; nothing is fetched from anywhere. What it says comes
from manifests and from `metrics.json`.
"""

import base64
import dataclasses
import datetime
import io
import os
import pathlib
from collections.abc import Iterator

from ebm_tf import json_files, settings

from ...settings.config import EvaluateConfig
from ...store import artifacts
from .. import command_lines

_TEMPLATES = pathlib.Path(__file__).parent / "templates"
# Seven pictures of this size, in base64, stay below 10 MB.
_MAX_PICTURE_BYTES = 10**6
_MAX_GRID_WIDTH = 960
_COLUMNS = 10


@dataclasses.dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture of the report.

    Attributes:
        source: A data URI.
        alt: What it shows, in words.
        caption: What to read from it.
        command: The command that makes it.
        wide: Whether it is drawn over the whole width.
    """

    source: str
    alt: str
    caption: str
    command: str
    wide: bool = True


def render(
    folder: str,
    out: str,
    inputs: dict[str, artifacts.Artifact],
    made: dict[str, artifacts.Artifact],
    config: EvaluateConfig,
    seed: int,
) -> str:
    """Returns the report as HTML text.

    Args:
        folder: Where `metrics.json` and the figures of the evaluation are.
        out: Folder that the evaluation will have.
        inputs: The artifacts "model", "samples" and "examples".
        made: The other artifacts that were made for it, by kind.
        config: How it was evaluated.
        seed: The seed it was evaluated with.
    """
    # Only now: a command that finds its output made waits for none of this.
    import jinja2

    metrics = json_files.read_json(os.path.join(folder, "metrics.json"))
    measured = settings.to_dict(config)
    sampling = inputs["samples"]
    lines = {
        "train": command_lines.train_command(inputs["model"], inputs["examples"]),
        "sample": command_lines.stage_command(
            "sample",
            sampling.path,
            sampling.seed,
            {"model": inputs["model"]},
            {"sample": sampling.config},
        ),
        "evaluate": command_lines.stage_command(
            "evaluate", out, seed, inputs, {"evaluate": measured}
        ),
    }
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = {"number": number, "count": count, "percent": percent}
    environment.filters |= filters | {"duration": duration}
    return environment.get_template("report.html").render(
        dataset=inputs["examples"].config["dataset"],
        metrics=metrics,
        model=inputs["model"],
        samples=sampling,
        sampling_beta=sampling_beta(sampling.config["sampler"]),
        examples=inputs["examples"],
        conditional=inputs["model"].details["num_classes"] is not None,
        train=inputs["model"].config["train"],
        objective=list(_flat(inputs["model"].config["train"]["objective"])),
        made=[
            (name, artifact, _took(artifact))
            for name, artifact in (
                *((kind, inputs[kind]) for kind in ("examples", "model", "samples")),
                *made.items(),
            )
        ],
        pictures=_pictures(folder, inputs, lines),
        commands=lines,
        settings=json_files.dump_json(inputs["model"].config | {"evaluate": measured}),
    )


def sampling_beta(sampler: dict) -> float | None:
    """Returns the inverse temperature that Langevin chains sample at, or None.

    Args:
        sampler: Settings of the sampler.
    """
    if sampler.get("kind") != "langevin" or not sampler["noise_std"]:
        return None
    return 2.0 * sampler["step_size"] / sampler["noise_std"] ** 2


def _flat(config: dict, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yields dotted name and value of every setting of a block that is not null."""
    for name, value in config.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None and prefix + name != "kind":
            yield prefix + name, value


def duration(seconds: float) -> str:
    """Returns a time in words."""
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def _took(artifact: artifacts.Artifact) -> str:
    """Returns how long an artifact took from first start to end, in words."""
    started, created = (
        datetime.datetime.fromisoformat(artifact.manifest[name])
        for name in ("started", "created")
    )
    return duration((created - started).total_seconds())


def number(value: float | None, digits: int = 4, signed: bool = False) -> str:
    """Returns a number with so many digits that count, and a real minus."""
    if value is None:
        return "\N{EN DASH}"
    if value and (abs(value) >= 1e5 or abs(value) < 1e-4):
        mantissa, power = f"{value:.{digits - 1}e}".split("e")
        text = (
            f"{mantissa}\N{MULTIPLICATION SIGN}10{str(int(power)).translate(_RAISED)}"
        )
    else:
        text = f"{value:.{digits}g}"
    sign = "+" if signed and value > 0 else ""
    return sign + text.replace("-", "\N{MINUS SIGN}")


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def count(value: int) -> str:
    """Returns a whole number with commas."""
    return f"{value:,}"


def percent(value: float | None) -> str:
    """Returns a share in percent with one decimal."""
    return "\N{EN DASH}" if value is None else f"{100 * value:.1f} %"


def _pictures(folder, inputs, lines) -> dict[str, Picture]:
    """Returns the pictures there are, by name."""
    from ebm_tf import box
    from ebm_tf.plots import grid

    details, found = inputs["examples"].details, {}
    if grid.can_show(details["shape"]):
        space = box.of_details(details)
        found["samples"] = Picture(
            source=data_uri(_grid(_first_samples(inputs["samples"]), space)),
            alt="A grid of samples of the model",
            caption="The first samples, not chosen.",
            command=lines["sample"],
        )
        found["data"] = Picture(
            source=data_uri(_grid(_first_images(inputs["examples"]), space)),
            alt="A grid of training images",
            caption="The first training images, to compare.",
            command=lines["evaluate"],
        )
    strip = inputs["samples"].file("strip.png")
    if os.path.exists(strip):
        found["strip"] = Picture(
            source=data_uri(pathlib.Path(strip).read_bytes()),
            alt="Chains from noise to image",
            caption="Each row is one chain, from uniform noise on the left.",
            command=lines["sample"],
        )
    for name, (alt, caption, wide) in _FIGURES.items():
        path = pathlib.Path(folder, f"{name}.png")
        if path.exists():
            found[name] = Picture(
                source=data_uri(path.read_bytes()),
                alt=alt,
                caption=caption,
                command=lines["evaluate"],
                wide=wide,
            )
    return found


_FIGURES = {
    "points": (
        "Samples over test states in the plane",
        "Where the model is right, samples lie where test states do.",
        False,
    ),
    "likelihood_bounds": (
        "Log-likelihood from both sides against the number of temperatures",
        "Bars: 95 % intervals; arrows: one-sided 95 % bounds, towards the truth; for "
        "the same images. AIS is of the model, RAISE of the annealed sampler.",
        True,
    ),
    "likelihood_path": (
        "Effective sample size and acceptance along the annealing path",
        "Of the run of most temperatures, forward. Weights are spread over few chains "
        "where the effective sample size is low; a line for each class.",
        True,
    ),
    "likelihood_ends": (
        "Ends of forward chains, the heaviest first",
        "Row by row from the largest weight. Where few kinds of images come first and "
        "the effective sample size is low, the model has nearly all its mass in them, "
        "and no chain goes from one kind to the other.",
        False,
    ),
    "likelihood_scan": (
        "Log-likelihood of validation images against the inverse temperature",
        "AIS is optimistic where chains are few, RAISE conservative. The dotted line "
        "is the temperature that is reported.",
        True,
    ),
    "energies": (
        "Histograms of the energies of train, validation, test and samples",
        "Relative energies: 0 is the mean over the training images. Sets that the "
        "model finds equally likely lie over each other.",
        True,
    ),
    "distances": (
        "Histograms of distances to the nearest training image",
        "Were samples copies, their distances would lie left of those of test "
        "images, near 0.",
        True,
    ),
    "neighbours": (
        "Samples beside their nearest training images",
        "Framed: samples. To their right the nearest of all training images.",
        False,
    ),
    "classes": (
        "Bars: share of samples and of test images in each class",
        "What the classifier finds likeliest, of all samples and all test images.",
        True,
    ),
}


def _first_samples(samples: artifacts.Artifact):
    from ebm_tf.data import array_files

    return array_files.open_npy(samples.file("samples.npy"))


def _first_images(examples: artifacts.Artifact):
    import numpy as np

    from ebm_tf.data.shards import Examples

    train = Examples(examples.file("train"))
    return train.gather(np.arange(min(_COLUMNS**2, train.num_examples)))[0]


def _grid(states, space) -> bytes:
    """Returns PNG bytes of as many images as fit a page, small ones enlarged."""
    from ebm_tf.plots import grid

    images = grid.as_images(states[: _COLUMNS**2], states.ndim - 1, space)
    columns = min(_COLUMNS, max(2, _MAX_GRID_WIDTH // images.shape[2]))
    images = images[: columns * min(columns, 8)]
    scale = max(1, _MAX_GRID_WIDTH // (columns * (images.shape[2] + 2)))
    file = io.BytesIO()
    grid.write_png(file, grid.tile(images, columns, scale))
    return file.getvalue()


def data_uri(png: bytes) -> str:
    """Returns a PNG as a data URI, halved in size until it is below a megabyte."""
    from PIL import Image

    while len(png) > _MAX_PICTURE_BYTES:
        picture = Image.open(io.BytesIO(png)).convert("RGB")
        picture = picture.resize([max(1, side // 2) for side in picture.size])
        file = io.BytesIO()
        picture.save(file, format="PNG", optimize=True)
        png = file.getvalue()
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
