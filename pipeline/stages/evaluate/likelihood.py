"""Stage `likelihood`: a model becomes log-likelihoods of test and training images.

A part of `evaluate`, with an artifact of its own, as it can take hours.
"""

import os

from ebm_tf import checks, files, interruption, json_files
from ebm_tf.likelihood.config import LikelihoodConfig

from ...console import tensorflow_import
from ...store import artifacts, unfinished
from .. import needs, networks, requirements
from ..stage import Plan, stage
from . import dequantized_images, part_files


@stage("likelihood", makes="likelihood", has_progress=part_files.are_in)
def run(
    model: str,
    examples: str,
    out: str,
    config: LikelihoodConfig,
    seed: int,
    strategy: str,
) -> Plan:
    """Makes the artifact `likelihood`, unless it is there already.

    It holds `likelihood.json`, the numbers; `images.npz`, the log densities of each
    test image that models are compared by; `path.npz`, what the first run of the row
    that counts saw on its way; `ends.npy`, uint8 `[C, M, H, W, C]`, where its forward
    chains ended, the heaviest first; and `scan_uniform.npz` and `scan_raise.npz` or
    `scan_base.npz`, log-likelihoods of validation images by inverse temperature,
    unless that was given.
    Unfinished work stays in `out`.partial, batch by batch, and the same call goes on
    with it.

    Args:
        model: Folder of the artifact `model`.
        examples: Folder of the artifact `examples` that it was trained on.
        out: Folder of the artifact.
        config: How.
        seed: A whole number.
        strategy: Which devices; see `ebm_tf.training.distribution.make_strategy`.

    Raises:
        FileNotFoundError: If an input is missing.
        ValueError: If there are too few images, the model takes labels that are
            numbers, an energy is not finite, the path is longer than the pilot run
            may find, or `out` is something else.
    """
    inputs = {
        "model": artifacts.peek(model, "model"),
        "examples": artifacts.peek(examples, "examples"),
    }

    def prepare():
        _require_classes(inputs["model"])
        data = inputs["examples"]  # now, not when the chains have run for an hour
        requirements.require_likelihood(config, data.details, data.path)
        _require_levels(inputs["examples"])

    return Plan(
        out=out,
        config=config,
        inputs=inputs,
        seed=seed,
        needs=lambda: needs.of_likelihood(config, inputs["examples"].details),
        prepare=prepare,
        write=lambda scratch: _measure(inputs, scratch, config, seed, strategy),
    )


def _require_classes(model: artifacts.Artifact) -> None:
    label_dims = model.config["energy"].get("label_dims")
    checks.require(
        label_dims is None,
        "model",
        "without labels, or of classes: every label of numbers has a Z of its own",
        f"{model.path}, whose labels are {label_dims} numbers",
    )


def _require_levels(examples: artifacts.Artifact) -> None:
    """Levels are dequantized, and bits are counted by the width of a level."""
    space = examples.details.get("space")
    if space is not None:
        rule = "stored as levels, whose width bits are counted by"
        holds = space.get("num_levels") is not None
        checks.require(holds, "examples", rule, f"{examples.path}, of {space}")


def _measure(inputs, scratch, config, seed, strategy_name) -> None:
    tensorflow_import.import_tensorflow()
    import numpy as np
    import tensorflow as tf
    import tqdm

    from ebm_tf import box, rng
    from ebm_tf.model_likelihood import likelihood
    from ebm_tf.model_likelihood.likelihood_run import LikelihoodRun, class_energies
    from ebm_tf.training import distribution

    space = box.of_details(inputs["examples"].details)
    strategy = distribution.make_strategy(strategy_name)
    with strategy.scope():
        energy = networks.load(inputs["model"])
    with tqdm.tqdm(desc="likelihood", unit="temperature", dynamic_ncols=True) as bar:

        def report(num: int = 1) -> None:
            interruption.raise_noted()
            bar.update(num)

        chains = LikelihoodRun(
            class_energies(energy),
            space,
            config,
            seed=rng.make_seed(seed),
            strategy=strategy,
            jit=distribution.resolve_jit(inputs["model"].config["train"]["compile"]),
            parts=part_files.PartFiles(os.path.join(scratch.folder, unfinished.PARTS)),
            report=report,
        )
        bar.reset(chains.total)
        images = _images(inputs["examples"], config, seed)
        found = likelihood.measure_likelihood(chains, images, config, space)
    for start, scan in found.scans.items():
        path = os.path.join(scratch.folder, f"scan_{start}.npz")
        np.savez(path, **scan._asdict())
    np.savez(os.path.join(scratch.folder, "path.npz"), **found.path)
    np.savez(os.path.join(scratch.folder, "images.npz"), **found.images)
    ends = space.encode(tf.constant(found.ends)).numpy()
    files.write_array(os.path.join(scratch.folder, "ends.npy"), ends)
    path = os.path.join(scratch.folder, "likelihood.json")
    files.write_text(path, json_files.dump_json(found.metrics))


def _images(examples: artifacts.Artifact, config: LikelihoodConfig, seed: int):
    """Returns the images that take part, each set dequantized by a seed of its own."""
    from ebm_tf.model_likelihood.likelihood import Images

    num_validation = config.scan.num_images if config.beta is None else 1
    return Images(
        *dequantized_images.read(examples, "train", config.base.num_images, seed, 0),
        dequantized_images.read(examples, "validation", num_validation, seed, 1)[0],
        *dequantized_images.read(examples, "test", config.num_images, seed, 2),
        *dequantized_images.read(examples, "train", config.num_images, seed, 3),
    )


def test_images(examples: artifacts.Artifact, config: LikelihoodConfig, seed: int):
    """Returns the test images that likelihoods were measured on, dequantized alike.

    Args:
        examples: The artifact.
        config: How it was measured.
        seed: With which seed.

    Returns:
        float32 `[N, ...]`.
    """
    return dequantized_images.read(examples, "test", config.num_images, seed, 2)[0]
