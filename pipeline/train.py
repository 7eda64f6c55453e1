"""Stage `train`: examples become an energy network."""

import dataclasses
import os

from ebm_tf import checks
from pipeline import artifacts, config_io, quiet
from pipeline.carried import Carried
from pipeline.config import IngestConfig, RunConfig


def run(
    examples: str,
    out: str,
    config: RunConfig,
    seed: int,
    strategy: str,
    state: Carried | None = None,
) -> artifacts.Artifact:
    """Makes the artifact `model`, unless it is there already.

    It holds `model.keras`, the last `checkpoints`, and the replay buffer for samplers
    that start there: `replay.npy`, states as stored, and for a conditional model
    `replay_labels.npy`, int32. Unfinished training stays in
    `out`.partial, and the same call goes on from its newest checkpoint. TensorBoard's
    files go to `logs/train` beside `out`.

    Args:
        examples: Folder of the artifact `examples`.
        out: Folder of the artifact.
        config: Of the whole run: later stages take theirs from the model.
        seed: A whole number.
        strategy: Which devices; see `ebm_tf.training.distribution.make_strategy`.
        state: What another runtime made of the run, to go on from, if anything; the
            manifest names its program as an input, `carried.json` its digest.

    Raises:
        FileNotFoundError: If there are no examples.
        ValueError: If the examples do not fit the network, or `out` is something
            else, or unfinished training of another request.
        Interrupted: On SIGINT or SIGTERM, when all is saved.
        Diverged: If training has no finite values any more.
    """
    data = artifacts.peek(examples, "examples")
    inputs = {"examples": data}
    if state is not None:
        state.require(config, data, seed)
        inputs["update"] = state.update
    wanted = {"energy": config.energy, "train": config.train}
    found = artifacts.find(out, "model", wanted, inputs, seed)
    if found:
        if state is not None:
            state.require_origin(found)
        print(f"train: {out} is there already, made by this request")
        return found
    config = with_ingested(config, data)
    artifacts.load(examples, "examples")
    with artifacts.resuming(out, "model", config, inputs, seed) as scratch:
        logs = os.path.join(os.path.dirname(os.path.abspath(out)), "logs", "train")
        _train(data, scratch, logs, config, seed, strategy, state)
    print(f"train: wrote {out}")
    return artifacts.peek(out, "model")


def divide_cpu(strategy: str) -> None:
    """Makes the devices of the strategy "cpu:N"; does nothing for any other.

    For who uses TensorFlow before `run`: after that the CPU cannot be divided.
    """
    if strategy.startswith("cpu:"):
        quiet.import_tensorflow()
        from ebm_tf.training import distribution

        distribution.make_strategy(strategy)


def with_ingested(config: RunConfig, data: artifacts.Artifact) -> RunConfig:
    """Returns the settings with what was ingested, not what they would have ingested.

    Raises:
        ValueError: If the examples do not fit the network.
    """
    ingested = config_io.from_dict(IngestConfig, data.config, "ingest")
    config = dataclasses.replace(config, ingest=ingested)
    _require_fit(config, data)
    return config


def _require_fit(config: RunConfig, data: artifacts.Artifact) -> None:
    shape, num_classes = data.details["shape"], data.details["num_classes"]
    if config.energy.num_classes is not None:
        checks.require(
            config.energy.num_classes == num_classes,
            "energy.num_classes",
            f"{num_classes}, as of the examples at {data.path}",
            config.energy.num_classes,
        )
    if config.energy.label_dims is not None:
        names = data.details.get("label_names", [])
        rule = f"{len(names)}, the numbers of a label at {data.path}"
        label_dims = config.energy.label_dims
        checks.require(label_dims == len(names), "energy.label_dims", rule, label_dims)
    num_axes = {"mlp": 1, "sequence": 2}.get(config.energy.kind, 3)
    checks.require(
        len(shape) == num_axes,
        "energy.kind",
        f"a network for examples of shape {shape}",
        config.energy.kind,
    )


def make_trainer(data: artifacts.Artifact, config: RunConfig, seed: int, name: str):
    """Returns a new `Trainer` of a run, under the strategy called `name`."""
    from ebm_tf.box import box_of
    from ebm_tf.energy import precision
    from ebm_tf.energy.build import build_energy
    from ebm_tf.training import distribution
    from ebm_tf.training.trainer import Trainer

    shape = tuple(data.details["shape"])
    strategy = distribution.make_strategy(name)
    with strategy.scope():
        energy = build_energy(config.energy, shape, seed)
        energy = precision.in_dtype(energy, config.train.dtype)
    return Trainer(energy, box_of(shape), config.train, seed=seed, strategy=strategy)


def _train(data, scratch, logs, config, seed, strategy_name, state) -> None:
    # Only now: whoever finds the artifact made waits for none of this.
    quiet.import_tensorflow()
    from ebm_tf.data import batches, shards
    from ebm_tf.energy import precision
    from ebm_tf.energy.build import save_energy
    from ebm_tf.training import callbacks

    trainer = make_trainer(data, config, seed, strategy_name)
    checkpoints = trainer.checkpoints(os.path.join(scratch.folder, "checkpoints"))
    if trainer.restore(checkpoints):
        retry = f", in retry {trainer.retry}" if trainer.retry else ""
        print(f"train: going on after update {trainer.update}{retry}")
    elif state is not None:
        state.note(scratch.folder)
        state.take_over(trainer)
        checkpoints.save(trainer.progress)
        print(f"train: {state.path} is taken over after update {trainer.update}")
    training_set = shards.Examples(data.file("train"))
    trainer.fit(
        batches.batches(training_set, seed, config.train.batch_size),
        [callbacks.ProgressBar(trainer), callbacks.Summaries(trainer, logs)],
        checkpoints,
    )
    trainer.adopt_average()
    # What was trained in bfloat16 is sampled and measured in float32.
    energy = precision.in_dtype(trainer.energy, "float32")
    save_energy(energy, os.path.join(scratch.folder, "model.keras"))
    _save_replay(trainer.buffer, scratch.folder)
    scratch.details.update(
        shape=data.details["shape"],
        num_classes=config.energy.num_classes,
        class_names=data.details["class_names"],
        updates=trainer.update,
        parameters=int(energy.count_params()),
    )
    replicas = trainer.strategy.num_replicas_in_sync
    scratch.notes.update(strategy=strategy_name, replicas=replicas)
    if state is not None:
        scratch.notes.update(state=os.path.abspath(state.path))


def _save_replay(buffer, folder: str) -> None:
    import numpy as np

    states, labels = buffer.stored()
    np.save(os.path.join(folder, "replay.npy"), states)
    if labels is not None:
        np.save(os.path.join(folder, "replay_labels.npy"), labels)
