"""Stage `baselines`: examples become simple densities, and what each is worth."""

import os
from collections.abc import Iterator

import numpy as np

from ebm_tf import files, json_files, text_table
from ebm_tf.likelihood.config import SIGMAS, LikelihoodConfig

from ...console import tensorflow_import
from ...store import artifacts
from ..stage import Plan, stage
from . import likelihood

# Images that choose a smoothing, that are measured, and that are measured with noise.
_SIZES = {"num_validation": 2000, "num_test": 10_000, "num_noised": 500}
_STATISTICS = "statistics.npz"
_TABLE = "baselines.json"


@stage("baselines", makes="baselines")
def run(examples: str, out: str, seed: int) -> Plan:
    """Makes the artifact `baselines`, unless it is there already.

    It holds `statistics.npz`, what is known of the training images, and
    `baselines.json`: of each density its smoothing and its log-likelihood of test
    images, the best first, and the same of images with noise.

    Args:
        examples: Folder of the artifact `examples`, of images in levels.
        out: Folder of the artifact.
        seed: A whole number: of the dequantization, and of the noise.

    Raises:
        FileNotFoundError: If there are no examples.
        ValueError: If there are too few, or `out` is something else.
    """
    data = artifacts.peek(examples, "examples")
    return Plan(
        out=out,
        config=_SIZES | {"sigmas": list(SIGMAS)},
        inputs={"examples": data},
        seed=seed,
        write=lambda scratch: _write(data, scratch, seed),
    )


def _write(data: artifacts.Artifact, scratch, seed: int) -> None:
    tensorflow_import.import_tensorflow()
    from ebm_tf.data.shards import Examples
    from ebm_tf.likelihood import baselines, comparison

    train = Examples(data.file("train"))
    statistics = baselines.collect(_parts(train, seed), train.space)
    path = os.path.join(scratch.folder, _STATISTICS)
    np.savez(path, **statistics._asdict())
    sets = {
        split: _some(Examples(data.file(split)), _SIZES[f"num_{split}"], seed)
        for split in ("validation", "test")
    }
    found = baselines.fit(statistics, sets["validation"], train.space)
    table = {
        "unit": "nats",
        "num_train": train.num_examples,
        "num_validation": len(sets["validation"]),
        "num_test": len(sets["test"]),
        "rows": comparison.table(found, sets["test"], train.space),
        "noised": list(_noised(found, statistics, sets, train.space, seed)),
    }
    path = os.path.join(scratch.folder, _TABLE)
    files.write_text(path, json_files.dump_json(table))
    best = table["rows"][0]
    print(f"baselines: {best['title']}: {best['mean']['text']} nats")


def _noised(found, statistics, sets, space, seed: int) -> Iterator[dict]:
    """Yields the table of each deviation of the noise."""
    from ebm_tf import rng
    from ebm_tf.likelihood import blurred, comparison

    [prior] = (one.smoothing for one in found if one.name == "histogram")
    num = _SIZES["num_noised"]
    for place, sigma in enumerate(SIGMAS):
        seeds = rng.split(rng.fold_in(rng.make_seed(seed), 10 + place), 2)
        validation, test = (
            blurred.blur(sets[split][:num], sigma, noise)
            for split, noise in zip(("validation", "test"), seeds, strict=True)
        )
        ranked = blurred.fit(statistics, prior, validation, space, sigma)
        yield {
            "sigma": sigma,
            "num_test": len(test),
            "at_most": blurred.bound(test[0].size, sigma),
            "rows": comparison.table(ranked, test, None),
        }


def _parts(train, seed: int) -> Iterator:
    """Yields training images, dequantized, and classes, zeros where there are none."""
    from ebm_tf import rng

    noise = rng.fold_in(rng.make_seed(seed), 4)
    for number, (levels, labels) in enumerate(train.chunks()):
        x = train.space.decode(levels, rng.fold_in(noise, number)).numpy()
        has_classes = labels.ndim == 1
        yield x, labels if has_classes else np.zeros(len(x), np.int32)


def _some(examples, num: int, seed: int) -> np.ndarray:
    from ebm_tf import rng

    from .measurements import choose

    chosen = choose(examples, min(num, examples.num_examples), seed)
    noise = rng.fold_in(rng.make_seed(seed), 5)
    return examples.space.decode(chosen.levels, noise).numpy()


def densities(made: artifacts.Artifact, space, state_shape) -> list:
    """Returns the fitted densities of the artifact, the likeliest first.

    Args:
        made: The artifact.
        space: The state space.
        state_shape: Shape of one state.
    """
    from ebm_tf.likelihood import baselines

    with np.load(made.file(_STATISTICS)) as arrays:
        statistics = baselines.Statistics(**arrays)
    place = space, tuple(state_shape)
    return [
        baselines.Baseline(
            row["name"],
            row["smoothing"],
            baselines.make(row["name"], statistics, row["smoothing"], *place),
            row["validation"],
        )
        for row in table(made)["rows"]
    ]


def table(made: artifacts.Artifact) -> dict:
    """Returns what `baselines.json` holds."""
    return json_files.read_json(made.file(_TABLE))


def compared(
    made: artifacts.Artifact,
    measured: artifacts.Artifact,
    examples: artifacts.Artifact,
    config: LikelihoodConfig,
    seed: int,
) -> dict:
    """Returns a model's likelihoods beside those of the simple densities.

    Args:
        made: The artifact `baselines`.
        measured: The artifact `likelihood`.
        examples: That both were made from.
        config: How the model was measured.
        seed: With which seed.

    Returns:
        "rows", the densities on these images; "best", the title of the first;
        "raise" and "ais", by how much each side of the model is above the first, image
        by image; and "all", what the artifact holds, of all test images.
    """
    from ebm_tf import box
    from ebm_tf.likelihood import comparison, reported
    from ebm_tf.likelihood.baselines import log_probs

    # The very images that the model was measured on, dequantized alike.
    x = likelihood.test_images(examples, config, seed)
    space = box.of_details(examples.details)
    found = densities(made, space, x.shape[1:])
    best = log_probs(found[0].density, x)
    with np.load(measured.file("images.npz")) as arrays:
        raised = comparison.difference(arrays["raise"], best)
    metrics = json_files.read_json(measured.file("likelihood.json"))
    [row] = (r for r in metrics["rows"] if r["counts"] and r["split"] == "test")
    ais = reported.Reported(*(row["ais"][name] for name in reported.Reported._fields))
    return {
        "best": found[0].title,
        "num_images": len(x),
        "rows": comparison.table(found, x, space),
        "raise": reported.to_dict(raised),
        "ais": reported.to_dict(comparison.less(ais, best)),
        "all": table(made),
    }


def markdown(found: dict) -> list[str]:
    """Returns a table of the densities, a line each.

    Args:
        found: As of `compared`.
    """
    head = (
        *("density", f"nats, {found['num_images']:,} test images", "less the first"),
        *(f"nats, all {found['all']['num_test']:,}", "bits/dim, all"),
    )
    rows = [head]
    everywhere = {row["name"]: row for row in found["all"]["rows"]}
    for row in found["rows"]:
        whole, gap = everywhere[row["name"]]["mean"], row["from_first"]
        cells = [row["title"], row["mean"]["text"], gap["text"] if gap else ""]
        rows.append([*cells, whole["text"], whole["bits"]["text"]])
    return list(text_table.markdown(rows))
