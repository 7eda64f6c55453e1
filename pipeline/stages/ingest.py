"""Stage `ingest`: a data set becomes shards, with a part held out."""

import os

from ebm_tf import checks, files, json_files

from ..console import tensorflow_import
from ..settings.config import IngestConfig
from ..store import artifacts, reading
from .stage import Plan, stage


@stage("ingest", makes="examples")
def run(data_dir: str | None, out: str, config: IngestConfig, seed: int) -> Plan:
    """Makes the artifact `examples`, unless it is there already.

    It holds the folders `train`, `validation` and `test`, to be read by
    `ebm_tf.data.shards.Examples`, and `statistics.json` of each. Validation images
    are drawn from the published training set, by the seed. Memory does not grow
    with the number of images.

    Args:
        data_dir: Folder with the published files; None means TFDS.
        out: Folder of the artifact.
        config: Which data set, and how it is split.
        seed: A whole number.

    Raises:
        FileNotFoundError: If a published file is missing.
        ValueError: If a file is not what it must be, or `out` is something else.
    """
    return Plan(
        out=out,
        config=config,
        inputs={},
        seed=seed,
        accept=lambda found: _unless_changed(found, data_dir),
        prepare=lambda: _require_within_reach(config, data_dir),
        write=lambda scratch: _write(data_dir, scratch, config, seed),
    )


def _unless_changed(found: artifacts.Artifact, data_dir: str | None):
    """Returns what was found, or None if a published file is another now."""
    if data_dir is None:
        return found
    raw = _digests(data_dir, found.manifest["notes"].get("checksums", {}))
    return artifacts.unless_changed(found, data_dir, raw)


def _digests(data_dir: str, names) -> dict[str, str]:
    """Returns the sha256 of those published files that are there."""
    paths = {name: os.path.join(data_dir, name) for name in names}
    return {
        name: files.sha256(path) for name, path in paths.items() if os.path.isfile(path)
    }


def _watched(data_dir: str | None, checksums) -> reading.Inputs:
    """Returns the published files that are there, to ask later if they are the same."""
    found = reading.Inputs()
    for name, digest in checksums.items():
        path = os.path.join(data_dir or "", name)
        if data_dir and os.path.isfile(path):
            found.watch(name, path, digest)
    return found


def _require_within_reach(config: IngestConfig, data_dir: str | None) -> None:
    from ebm_tf.data.sources import base

    base.require_within_reach(config.dataset, data_dir)


def _write(data_dir, scratch, config, seed) -> None:
    tensorflow_import.import_tensorflow()
    from ebm_tf import box
    from ebm_tf.data import shards, splits
    from ebm_tf.data.sources import base

    from . import data_statistics

    source = base.load(config.dataset, data_dir, config.label_names, config.images)
    raw = _watched(data_dir, source.checksums)
    train = source.splits["train"]
    checks.require(
        config.validation_count < train.num_examples,
        "ingest.validation_count",
        f"below the {train.num_examples} training images",
        config.validation_count,
    )
    kept, held = splits.hold_out(train, config.validation_count, seed)
    parts = {"train": kept, "validation": held, "test": source.splits["test"]}
    statistics, space = {}, box.from_dict(source.space)
    for name, part in parts.items():
        counts = data_statistics.Statistics(source.num_classes, space)
        stream = counts.watch(part.chunks())
        shards.write_split(
            os.path.join(scratch.folder, name),
            data_statistics.with_progress(stream, part.num_examples, name),
            config.shard_size,
            part.num_examples,
            space,
        )
        statistics[name] = counts.as_dict()
    raw.require_unchanged()
    path = os.path.join(scratch.folder, "statistics.json")
    files.write_text(path, json_files.dump_json(statistics))
    scratch.details.update(
        shape=list(source.shape),
        space=space.to_dict(),
        num_classes=source.num_classes,
        class_names=list(source.class_names),
        label_names=list(source.label_names),
        normalization=source.normalization,
        num_examples={name: part.num_examples for name, part in parts.items()},
    )
    scratch.notes.update(
        origin=source.origin,
        checksums=dict(source.checksums),
        data_dir=os.path.abspath(data_dir) if data_dir else None,
    )
