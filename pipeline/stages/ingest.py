"""Stage `ingest`: a data set becomes shards, with a part held out."""

import os
from collections.abc import Callable, Mapping

from ebm_tf import checks, files, json_files, resources

from ..console import tensorflow_import
from ..settings.config import IngestConfig
from ..store import artifacts, reading
from . import needs, overlaps
from .stage import Plan, stage


@stage("ingest", makes="examples")
def run(
    data_dir: str | None,
    out: str,
    config: IngestConfig,
    seed: int,
    require: Callable[[Mapping], None] | None = None,
) -> Plan:
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
        require: Called with the details of the artifact before anything is written;
            raises if nobody can use such examples.

    Raises:
        FileNotFoundError: If a published file is missing.
        ValueError: If a file is not what it must be, `out` is something else or lies
            in `data_dir`, or test images are in the training set too.
    """
    return Plan(
        out=out,
        config=config,
        inputs={},
        seed=seed,
        accept=lambda found: _unless_changed(found, data_dir),
        prepare=lambda: _require_possible(config, data_dir, out),
        write=lambda scratch: _write(data_dir, scratch, config, seed, require),
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


def _require_apart(data_dir: str | None, out: str) -> None:
    """What is written beside the data would be read as data the next time."""
    if data_dir is None:
        return
    paths = [os.path.realpath(path) for path in (data_dir, out)]
    checks.require(
        os.path.commonpath(paths) not in paths,
        "--out",
        f"a folder outside of --data_dir, {data_dir}",
        out,
    )


def _require_possible(config: IngestConfig, data_dir: str | None, out: str) -> None:
    _require_apart(data_dir, out)
    from ebm_tf.data.sources import base

    base.require_within_reach(config.dataset, data_dir)


def _write(data_dir, scratch, config, seed, require) -> None:
    tensorflow_import.import_tensorflow()
    from ebm_tf import box
    from ebm_tf.data.sources import base

    source = base.load(config.dataset, data_dir, config.label_names, config.images)
    raw = _watched(data_dir, source.checksums)
    parts, space = _parts(source, config, seed), box.from_dict(source.space)
    scratch.details.update(
        shape=list(source.shape),
        space=space.to_dict(),
        num_classes=source.num_classes,
        class_names=list(source.class_names),
        label_names=list(source.label_names),
        normalization=source.normalization,
        num_examples={name: part.num_examples for name, part in parts.items()},
    )
    if require is not None:
        require(scratch.details)
    resources.require(needs.of_examples(scratch.details, config), scratch.folder)
    contents = _write_parts(parts, source, space, scratch.folder, config.shard_size)
    raw.require_unchanged()
    found = overlaps.find(parts, contents)
    overlaps.require_few(found, source, config.overlap, data_dir or config.dataset)
    scratch.notes.update(
        origin=source.origin,
        checksums=dict(source.checksums),
        data_dir=os.path.abspath(data_dir) if data_dir else None,
        overlap=overlaps.counts(found),
    )


def _parts(source, config, seed) -> dict:
    """Returns the splits by name, the validation set held out if need be."""
    from ebm_tf.data import splits

    train, test = source.splits["train"], source.splits["test"]
    own = source.splits.get("validation")
    if own is not None:
        text = "ingest: the validation set is the data's own, of {} examples"
        print(text.format(own.num_examples))
        return {"train": train, "validation": own, "test": test}
    count, num = config.validation_count, train.num_examples
    if source.is_of_user and 2 * count > num > 1:
        count = max(num // 10, 1)
        text = "ingest: validation_count={} is more than half of the {} training "
        text += "examples: {} are held out, a tenth"
        print(text.format(config.validation_count, num, count))
    rule = f"below the {num} training images"
    checks.require(count < num, "ingest.validation_count", rule, count)
    kept, held = splits.hold_out(train, count, seed)
    return {"train": kept, "validation": held, "test": test}


def _write_parts(parts, source, space, folder, shard_size) -> dict:
    """Writes shards and statistics; returns the contents of each split."""
    from ebm_tf.data import overlap, shards

    from . import data_statistics

    statistics, contents = {}, {}
    for name, part in parts.items():
        counts = data_statistics.Statistics(source.num_classes, space)
        contents[name] = overlap.Contents()
        stream = contents[name].watch(counts.watch(part.chunks()))
        shards.write_split(
            os.path.join(folder, name),
            data_statistics.with_progress(stream, part.num_examples, name),
            shard_size,
            part.num_examples,
            space,
        )
        statistics[name] = counts.as_dict()
    path = os.path.join(folder, "statistics.json")
    files.write_text(path, json_files.dump_json(statistics))
    return contents
