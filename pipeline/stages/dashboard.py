"""How TensorBoard shows a run: its own pages of curves, and its row among others."""

import pathlib

import tensorflow as tf
from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.custom_scalar import summary as custom_scalar

from ebm_tf import settings
from ebm_tf.training import event_writer

from ..settings.config import RunConfig
from . import hparams

_SUFFIX = ".layout"
# Page -> chart -> tags, as regular expressions.
_CHARTS = {
    "Training": {
        "energies of data and negatives, nats": ["energy/(data|negatives)$"],
        "their gap, nats": ["energy/gap"],
        "terms of the loss": ["loss/.*"],
        "norm of the gradient": ["gradient/norm"],
    },
    "Chains": {
        "movement, pixels": ["chain/movement"],
        "share of saturated pixels": ["chain/saturated_share"],
        "acceptance": ["chain/accept_prob"],
        "step size": ["chain/step_size"],
    },
    "Evaluation": {
        "energies minus train's, nats": ["evaluate/relative_energy/.*"],
        "AUROC": ["evaluate/auroc/.*"],
        "share the classifier is sure of": ["evaluate/confident_share/.*"],
        "share of the rarest class": ["evaluate/least_class_share/.*"],
        "distance to the nearest training image, pixels": [
            "evaluate/nearest_distance/.*"
        ],
        "log-likelihood, nats": ["evaluate/(ais|raise)/.*"],
    },
    "Speed": {"images a second": ["speed/images_per_s"]},
}
# Columns of the page HParams: tag -> the logs that have it.
_METRICS = {
    "energy/gap": "train",
    "evaluate/relative_energy/samples": "evaluate",
    "evaluate/confident_share/samples": "evaluate",
    "evaluate/least_class_share/samples": "evaluate",
    "evaluate/nearest_distance/samples": "evaluate",
}
_SETTINGS = (
    "train.num_updates",
    "train.batch_size",
    "train.objective.kind",
    "train.objective.l2_weight",
    "train.objective.langevin.num_steps",
    "train.objective.langevin.step_size",
    "train.objective.langevin.noise_std",
    "train.objective.langevin.grad_clip",
    "train.objective.replay.capacity",
    "train.objective.replay.fresh_prob",
    "train.optimizer.learning_rate",
    "train.optimizer.ema_decay",
    "train.dtype",
)


def write(logs: str, config: RunConfig, seed: int) -> None:
    """Writes the layout of the page Custom Scalars and the row of the page HParams.

    Args:
        logs: The folder of a run's logs, above those of its stages.
        config: Of the run.
        seed: Its seed.
    """
    data = settings.to_dict(config)
    shown = {"dataset": config.ingest.dataset, "network": config.energy.kind}
    shown |= {name: _value(data, name) for name in _SETTINGS}
    hparams.write_run(logs, shown | {"seed": seed}, _METRICS)
    # Of an earlier call.
    for old in pathlib.Path(logs).glob(f"events.out.tfevents.*{_SUFFIX}"):
        old.unlink()
    with event_writer.writing(logs, 0, _SUFFIX):
        told = custom_scalar.pb(_layout())
        tf.summary.experimental.write_raw_pb(told.SerializeToString())


def _value(data: dict, name: str):
    for part in name.split("."):
        data = data.get(part)
        if data is None:
            return None
    return data


def _layout() -> layout_pb2.Layout:
    return layout_pb2.Layout(
        category=[
            layout_pb2.Category(
                title=title,
                chart=[
                    layout_pb2.Chart(
                        title=name, multiline=layout_pb2.MultilineChartContent(tag=tags)
                    )
                    for name, tags in charts.items()
                ],
            )
            for title, charts in _CHARTS.items()
        ]
    )
