"""The command `summary`: layers, shapes, parameters, multiply-adds of a network."""

import os

from ebm_tf import text_table

from ..console import tensorflow_import
from ..settings.config import RunConfig
from ..store import artifacts

_HEAD = ("layer", "kind", "shape", "parameters", "multiply-adds")


def text(config: RunConfig, examples: str | None) -> str:
    """Returns the table of the network that a preset trains.

    Args:
        config: Of a run.
        examples: Folder of the artifact `examples`, for the shape of its states; if
            there is none yet, that of the data set.
    """
    if examples is not None and os.path.exists(
        os.path.join(examples, artifacts.MANIFEST)
    ):
        shape = tuple(artifacts.peek(examples, "examples").details["shape"])
    else:
        shape = _usual_shape(config)
    model, rows = _counted(config, shape)
    table = [_HEAD, ("input", "", _dims(shape), "", "")]
    table += [
        (
            row.name or model.name,
            row.kind,
            _dims(row.shape),
            f"{row.num_parameters:,}",
            f"{row.num_multiply_adds:,}",
        )
        for row in rows
    ]
    parameters, multiply_adds = _totals(rows)
    table.append(("total", "", "", f"{parameters:,}", f"{multiply_adds:,}"))
    note = (
        "Multiply-adds of one energy of one state; its gradient takes about twice more."
    )
    labels = (
        f"Labels: {model.condition_space}."
        if model.condition_space is not None
        else "No labels."
    )
    return "\n".join([*text_table.lines(table, num_left=3), f"{labels} {note}"])


def size(config: RunConfig) -> tuple[int, int]:
    """Returns the trainable parameters of a network, and the multiply-adds of one
    energy of one state of the usual shape."""
    _, rows = _counted(config, _usual_shape(config))
    return _totals(rows)


def _usual_shape(config) -> tuple[int, ...]:
    from ebm_tf.data.sources import base

    return base.shape_of(config.ingest.dataset, config.ingest.images)


def _counted(config, shape):
    tensorflow_import.import_tensorflow()
    from ebm_tf.energy import summary
    from ebm_tf.energy.build import build_energy

    model = build_energy(config.energy, shape, seed=0)
    return model, summary.summarize(model)


def _totals(rows) -> tuple[int, int]:
    parameters = sum(row.num_parameters for row in rows)
    return parameters, sum(row.num_multiply_adds for row in rows)


def _dims(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
