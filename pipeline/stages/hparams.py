"""What TensorBoard's page HParams reads, and last values of curves."""

import os
import pathlib
from collections.abc import Sequence

import tensorflow as tf
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api as hp
from tensorboard.plugins.hparams import api_pb2, summary

from ebm_tf.training import event_writer

_SUFFIX = ".hparams"


def write_experiment(
    folder: str, trials: Sequence[dict], metrics: Sequence[str]
) -> None:
    """Writes which settings and which curves the page compares.

    Args:
        folder: What TensorBoard is shown, above the logs of all trials.
        trials: Settings of each by field.
        metrics: Tags of curves of training.
    """
    _write(folder, _experiment(trials[0], dict.fromkeys(metrics, "train")))


def write_run(logs: str, settings: dict, metrics: dict[str, str]) -> None:
    """Writes the settings of a run that is no trial of a search.

    Args:
        logs: The folder of its logs.
        settings: By field.
        metrics: Tags of curves to show, each with the folder below `logs` of its
            curve.
    """
    start = summary.session_start_pb(_plain(settings))
    _write(logs, _experiment(settings, metrics), start)


def _experiment(settings: dict, metrics: dict[str, str]) -> Summary:
    fields = [hp.HParam(name) for name in settings]
    # The group of a metric is the folder of its curve, seen from the settings.
    shown = [hp.Metric(tag, group=group) for tag, group in metrics.items()]
    return hp.hparams_config_pb(fields, shown)


def _plain(settings: dict) -> dict:
    """Returns settings of the types that the page knows, others as text."""
    return {
        name: value if isinstance(value, (bool, int, float, str)) else str(value)
        for name, value in settings.items()
    }


def write_trial(logs: str, name: str, trial: dict, good: bool, ended: float) -> None:
    """Writes the settings of a trial and how it ended, seconds since 1970."""
    status = api_pb2.STATUS_SUCCESS if good else api_pb2.STATUS_FAILURE
    started = summary.session_start_pb(_plain(trial), group_name=name)
    _write(logs, started, summary.session_end_pb(status, ended))


def _write(folder: str, *protos: Summary) -> None:
    # Of an earlier call.
    for old in pathlib.Path(folder).glob(f"events.out.tfevents.*{_SUFFIX}"):
        old.unlink()
    with event_writer.writing(folder, 0, _SUFFIX):
        for proto in protos:
            tf.summary.experimental.write_raw_pb(proto.SerializeToString())


def last_values(folder: str, tags: Sequence[str]) -> dict[str, float]:
    """Returns the last point of each curve that is there, by tag."""
    found: dict[str, tuple[int, float]] = {}
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        for event in tf.compat.v1.train.summary_iterator(os.path.join(folder, name)):
            for value in event.summary.value:
                if value.tag in tags and event.step >= found.get(value.tag, (0,))[0]:
                    number = float(tf.make_ndarray(value.tensor))
                    found[value.tag] = event.step, number
    return {tag: value for tag, (_, value) in found.items()}
