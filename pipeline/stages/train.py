"""Stage `train`: examples become an energy network."""

import contextlib
import dataclasses
import os
import pathlib
import zlib
from collections.abc import Iterator

from ebm_tf import checks, files, gpus, settings
from ebm_tf.training import cluster

from ..console import tensorflow_import
from ..settings.config import IngestConfig, RunConfig
from ..store import artifacts, single_files
from . import more_training, needs, requirements
from .external_state import ExternalState
from .stage import Plan, stage

_CHECKPOINTS = "checkpoints"


def _has_progress(folder: str) -> bool:
    return any(pathlib.Path(folder, _CHECKPOINTS).glob("ckpt-*.index"))


@stage("train", makes="model", has_progress=_has_progress)
def run(
    examples: str,
    out: str,
    config: RunConfig,
    seed: int,
    strategy: str,
    state: ExternalState | None = None,
    parent: str | None = None,
    init: str | None = None,
) -> Plan:
    """Makes the artifact `model`, unless it is there already.

    It holds `model.keras`, the last `checkpoints`, and the replay buffer, if the
    objective has one, for samplers that start there: `replay.npy`, states as stored,
    and for a conditional model the parts of its condition, such as
    `replay_labels.npy`, int32. Unfinished training stays
    in `out`.partial, and the same call goes on from its newest checkpoint.
    TensorBoard's files go to `logs/train` beside `out`.

    With the strategy "multi_worker" the chief does this, and every other worker calls
    it too, with the same arguments: it trains, writes nothing, and returns when the
    artifact is there.

    Args:
        examples: Folder of the artifact `examples`.
        out: Folder of the artifact.
        config: Of the whole run: later stages take theirs from the model.
        seed: A whole number.
        strategy: Which devices; see `ebm_tf.training.distribution.make_strategy`.
        state: What another runtime made of the run, to go on from, if anything; the
            manifest names its program as an input, `carried.json` its digest. Not
            with "multi_worker".
        parent: Folder of a finished `model` of fewer updates, to go on from as if it
            had not ended; an input. Not with "multi_worker".
        init: Folder of a `model`, or a `.keras` file, whose weights this one starts
            from; an input.

    Raises:
        FileNotFoundError: If there are no examples.
        ValueError: If the examples do not fit the network, or `out` is something
            else, or unfinished training of another request, or workers were asked
            for different models.
        Interrupted: On SIGINT or SIGTERM, when all is saved.
        Diverged: If training has no finite values any more.
        WorkerLost: If another worker ended before its time.
    """
    task = cluster.this_task() if strategy == "multi_worker" else None
    is_chief = task is None or task.is_chief
    num_workers = 1 if task is None else task.num_workers
    data = artifacts.peek(examples, "examples")
    whole = with_ingested(config, data)
    job = _Job(
        data=data,
        out=out,
        config=whole,
        seed=seed,
        strategy=strategy,
        state=state,
        parent=parent and artifacts.peek(parent, "model"),
        init=init and more_training.source_of_weights(init),
    )
    wrote = f"wrote {out}" if is_chief else f"the chief wrote {out}"
    return Plan(
        out=out,
        config={"energy": config.energy, "train": config.train},
        whole=whole,
        inputs=_inputs(job),
        seed=seed,
        accept=lambda found: found if state is None else state.accept(found),
        needs=lambda: needs.of_training(
            config, data.details, num_workers, cluster.num_logical(strategy)
        ),
        prepare=lambda: _require_fit(job),
        around=lambda: _cluster(job),
        write=lambda scratch: _write(job, scratch, is_chief),
        helps=not is_chief,
        told=lambda made: (wrote,),
        gpu=config.train.gpu,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Job:
    """What the arguments of `run` add up to; the examples, and the whole settings."""

    data: artifacts.Artifact
    out: str
    config: RunConfig
    seed: int
    strategy: str
    state: ExternalState | None
    parent: artifacts.Artifact | None
    init: artifacts.Artifact | single_files.SingleFile | None


def _inputs(job: _Job) -> dict:
    """Returns what the model is made from, by name."""
    inputs = {"examples": job.data}
    if job.state is not None or job.parent is not None:
        rule = "of one worker, to go on from what is given"
        checks.require(job.strategy != "multi_worker", "strategy", rule, job.strategy)
    if job.state is not None:
        rule = "left out where --state says all of a training"
        checks.require(job.init is None, "--init", rule, job.init and job.init.path)
        job.state.require(job.config, job.data, job.seed)
        inputs["update"] = job.state.update
    if job.parent is not None:
        inputs["parent"] = job.parent
    if job.init is not None:
        inputs["init"] = job.init
    return inputs


def _require_fit(job: _Job) -> None:
    data = job.data
    requirements.require_training(job.config, data.details, data.path)
    if job.init is not None:
        more_training.require_same_network(job.init, job.config, job.data)


@contextlib.contextmanager
def _cluster(job: _Job) -> Iterator[None]:
    """Joins the workers of "multi_worker", first of all that is done with TensorFlow.

    They leave together, when the artifact is there. For other strategies it does
    nothing.
    """
    if job.strategy != "multi_worker":
        yield
        return
    tensorflow_import.import_tensorflow()
    from ebm_tf.training import distribution, workers

    task = cluster.this_task()
    print(f"train: worker {task.index} of {task.num_workers} waits for the others")
    strategy = distribution.make_strategy(job.strategy)
    request = repr((job.config, job.seed, job.data.digest))
    number = zlib.crc32(request.encode())
    with workers.loss_is_told():
        all_workers = workers.Workers(strategy)
        if all_workers.total(abs(all_workers.from_chief(number) - number)):
            all_workers.leave()
            raise checks.InvalidValueError(
                "the workers were not given the same settings, seed and examples"
            )
        yield
        all_workers.leave()


def prepare_devices(strategy: str, gpu: gpus.GpuConfig | None = None) -> None:
    """Says what `run` needs of GPUs, and makes the devices of the strategy "cpu:N".

    For who uses TensorFlow before `run`: after that it is too late for both.
    """
    gpus.apply(gpu)
    if strategy.startswith("cpu:"):
        tensorflow_import.import_tensorflow()
        from ebm_tf.training import distribution

        distribution.make_strategy(strategy)


def with_ingested(config: RunConfig, data: artifacts.Artifact) -> RunConfig:
    """Returns the settings with what was ingested, not what they would ingest."""
    ingested = settings.from_dict(IngestConfig, data.config, "ingest")
    return dataclasses.replace(config, ingest=ingested)


def make_trainer(data: artifacts.Artifact, config: RunConfig, seed: int, name: str):
    """Returns a new `Trainer` of a run, under the strategy called `name`."""
    from ebm_tf import box
    from ebm_tf.energy import precision
    from ebm_tf.energy.build import build_energy
    from ebm_tf.training import distribution
    from ebm_tf.training.trainer import Trainer

    shape, space = tuple(data.details["shape"]), box.of_details(data.details)
    strategy = distribution.make_strategy(name)
    with strategy.scope():
        energy = build_energy(config.energy, shape, seed, space)
        energy = precision.in_dtype(energy, config.train.dtype)
    return Trainer(energy, space, config.train, seed=seed, strategy=strategy)


def fit_base(trainer, training_set, seed: int) -> None:
    """Fits what the energy has of a base to the examples, before the first update."""
    from ebm_tf import rng
    from ebm_tf.data import dequantized

    chunks = dequantized.Dequantized(training_set, rng.make_seed(seed))
    trainer.energy.fit_base(chunks)


def _train(job: _Job, folder: str, is_chief: bool):
    """Returns the trainer at its end, and what the buffers of all workers hold."""
    tensorflow_import.import_tensorflow()
    from ebm_tf.data import batches, shards
    from ebm_tf.training import callbacks

    from . import dashboard

    training_set = shards.Examples(job.data.file("train"))
    trainer = make_trainer(job.data, job.config, job.seed, job.strategy)
    checkpoints = trainer.checkpoints(os.path.join(folder, _CHECKPOINTS))
    if job.parent is not None:
        more_training.take_checkpoint(job.parent, checkpoints.folder)
    if trainer.restore(checkpoints):
        retry = f", in retry {trainer.retry}" if trainer.retry else ""
        print(f"train: going on after update {trainer.update}{retry}")
    elif job.state is not None:
        job.state.note(folder)
        fit_base(trainer, training_set, job.seed)  # no update changes it
        job.state.take_over(trainer)
        checkpoints.save(trainer.progress)
        print(f"train: {job.state.path} is taken over after update {trainer.update}")
    elif job.init is not None:
        more_training.take_weights(job.init, trainer)
        print(f"train: starts from the weights of {job.init.path}")
    else:
        fit_base(trainer, training_set, job.seed)
    read = batches.batches(training_set, job.seed, trainer.config.batch_size)
    num, size = training_set.num_examples, trainer.config.batch_size
    if is_chief and size > num:
        print(f"train: a batch of {size} holds each of the {num} examples repeatedly")
    watchers, logs = [], os.path.join(os.path.dirname(os.path.abspath(job.out)), "logs")
    own = "events.*", "train", "train/events.*"
    # Of a training that never began there are no logs.
    with files.taken_back(logs, own, lambda: trainer.update > 0):
        if is_chief:
            dashboard.write(logs, job.config, job.seed)
            summaries = callbacks.Summaries(trainer, os.path.join(logs, "train"))
            watchers = [callbacks.ProgressBar(trainer), summaries]
        trainer.fit(read, watchers, checkpoints)
    trainer.adopt_average()
    return trainer, trainer.replay()


def _write(job: _Job, scratch: artifacts.Scratch, is_chief: bool) -> None:
    """Trains, and as the chief writes what the artifact holds."""
    trainer, replay = _train(job, scratch.folder, is_chief)
    if is_chief:
        _save(trainer, replay, scratch)
        _describe(job, trainer, scratch)


def _save(trainer, replay, scratch: artifacts.Scratch) -> None:

    from ebm_tf.energy import precision
    from ebm_tf.energy.build import save_energy

    # What was trained in bfloat16 is sampled and measured in float32.
    energy = precision.in_dtype(trainer.energy, "float32")
    save_energy(energy, os.path.join(scratch.folder, "model.keras"))
    if replay is None:
        return  # an objective that keeps nothing
    for name, rows in replay.items():
        file = "replay.npy" if name == "states" else f"replay_{name}.npy"
        files.write_array(os.path.join(scratch.folder, file), rows)


def _describe(job: _Job, trainer, scratch: artifacts.Scratch) -> None:
    scratch.details.update(
        shape=list(job.data.details["shape"]),
        space=trainer.box.to_dict(),
        num_classes=job.config.energy.num_classes,
        class_names=job.data.details["class_names"],
        updates=trainer.update,
        parameters=int(trainer.energy.count_params()),
    )
    replicas = trainer.workers.replicas.total
    scratch.notes.update(strategy=job.strategy, replicas=replicas)
    scratch.shown_files.append("checkpoints/*")
    if job.state is not None:
        scratch.notes.update(state=os.path.abspath(job.state.path))
