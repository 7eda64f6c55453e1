"""Artifacts of a run on 8x8 pictures of three classes, made in a second."""

import os

import numpy as np

from ebm_tf import settings
from ebm_tf.likelihood.config import (
    BaseConfig,
    LikelihoodConfig,
    PilotConfig,
    ScanConfig,
)
from pipeline.settings.config import (
    ClassifierConfig,
    EvaluateConfig,
    GatesConfig,
    IngestConfig,
)
from pipeline.store import artifacts
from tests import tiny_model

SHAPE = tiny_model.SHAPE
NUM_EXAMPLES = {"train": 90, "validation": 12, "test": 30}
CLASSIFIER = ClassifierConfig(num_epochs=12, batch_size=15, learning_rate=0.01)
LIKELIHOOD = LikelihoodConfig(
    beta=None,
    scan=ScanConfig(
        beta_max=50.0,
        span=2.0,
        num_temperatures=12,
        num_chains=16,
        num_images=10,
        min_ess=1.0,
    ),
    base=BaseConfig(kind="class_mixture", min_std=0.1, num_images=60),
    space="logits",
    num_leapfrog=2,
    jitter=0.5,
    pilot=PilotConfig(
        num_chains=16,
        num_moves=2,
        max_step_size=1.0,
        target_accept=0.75,
        min_relative_ess=0.5,
        max_temperatures=100,
    ),
    num_temperatures=(6, 12),
    num_chains=10,
    num_images=8,
    chains_per_image=2,
    chains_per_batch=8,
    num_replicates=2,
)
GATES = GatesConfig(max_energy_gap=None, min_confident_share=None, min_class_share=None)
# Of the command `train`, on these examples: a few hundredths of a second an update.
TRAIN_FLAGS = (
    "--preset=mnist",
    '--set=energy={"kind": "convnet", "stem_filters": 4, "filters": 4, "activation": '
    '"swish", "kernel_initializer": "glorot_uniform", "normalize_head": false}',
    "--set=train.batch_size=4",
    "--set=train.objective.langevin.num_steps=2",
    "--set=train.objective.replay.capacity=16",
    "--set=train.preview_steps=2",
    "--set=train.log_every=4",
    "--set=train.image_every=20",
    "--set=train.checkpoint_every=4",
)
INGEST = IngestConfig(
    dataset="mnist", validation_count=12, shard_size=40, label_names=(), images=None
)


def evaluate_config(*tasks: str) -> EvaluateConfig:
    """Returns settings of an evaluation of a few images."""
    return EvaluateConfig(
        tasks=tasks or ("energies", "neighbours", "classifier"),
        num_images=24,
        num_neighbours=3,
        num_shown=4,
        classifier=CLASSIFIER,
        likelihood=LIKELIHOOD,
        gates=GATES,
    )


def pictures(num: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns `num` noisy pictures, uint8, lit above, below or left; and labels."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(num) % 3).astype(np.int32)
    images = rng.integers(0, 60, [num, *SHAPE])
    images[labels == 0, :4] += 150
    images[labels == 1, 4:] += 150
    images[labels == 2, :, :4] += 150
    return images.astype(np.uint8), labels


def make_examples(folder, classes: bool = True) -> str:
    """Writes the artifact into `folder`/examples; returns its path."""
    from ebm_tf.data import shards

    path = os.path.join(folder, "examples")
    with artifacts.writing(path, "examples", INGEST, {}, seed=0) as scratch:
        for seed, (name, num) in enumerate(NUM_EXAMPLES.items()):
            split = os.path.join(scratch.folder, name)
            shards.write_split(split, [pictures(num, seed)], INGEST.shard_size)
        scratch.details.update(
            shape=list(SHAPE),
            num_classes=3 if classes else None,
            class_names=list(tiny_model.CLASS_NAMES) if classes else [],
            label_names=[],
            num_examples=NUM_EXAMPLES,
        )
        scratch.notes.update(origin="Drawn <here> for a test.", checksums={})
    return path


def make_model(folder, examples: str, conditional: bool) -> str:
    """Writes a random network into `folder`/model; returns its path."""
    from ebm_tf.energy.build import build_energy, save_energy

    config = tiny_model.run_config(conditional)
    inputs = {"examples": artifacts.peek(examples, "examples")}
    path = os.path.join(folder, "model")
    with artifacts.writing(path, "model", config, inputs, seed=0) as scratch:
        energy = build_energy(config.energy, SHAPE, seed=1)
        save_energy(energy, os.path.join(scratch.folder, "model.keras"))
        scratch.details.update(
            shape=list(SHAPE),
            num_classes=config.energy.num_classes,
            class_names=list(tiny_model.CLASS_NAMES),
            updates=5,
            parameters=int(energy.count_params()),
        )
    return path


def make_samples(folder, model: str, images: np.ndarray, labels=None) -> str:
    """Writes given images as `folder`/samples; returns its path."""
    trained = artifacts.peek(model, "model")
    config = settings.to_dict(tiny_model.run_config(False).sample)
    path = os.path.join(folder, "samples")
    with artifacts.writing(
        path, "samples", config | {"num_samples": len(images)}, {"model": trained}, 0
    ) as scratch:
        np.save(os.path.join(scratch.folder, "samples.npy"), images)
        if labels is not None:
            np.save(os.path.join(scratch.folder, "labels.npy"), labels)
        scratch.details.update(num_samples=len(images), shape=list(SHAPE))
    return path


def make(folder, conditional: bool = False) -> dict[str, str]:
    """Makes examples, a model, and as its samples pictures it has never seen.

    Returns:
        Paths of the artifacts by kind, as `evaluate.run` takes them.
    """
    examples = make_examples(folder)
    model = make_model(folder, examples, conditional)
    images, labels = pictures(18, seed=99)
    samples = make_samples(folder, model, images, labels if conditional else None)
    return {"model": model, "samples": samples, "examples": examples}
