"""Stage `sample`: chains, from noise or from the replay buffer, become images."""

import glob
import os
from collections.abc import Sequence

import numpy as np

from ebm_tf import interruption
from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.files import write_array

from ...console import tensorflow_import
from ...settings.config import SampleConfig
from ...store import artifacts, parts, unfinished
from .. import needs, networks
from ..stage import Plan, stage
from . import diagnostics


def _has_progress(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, unfinished.PROGRESS))


@stage("sample", makes="samples", has_progress=_has_progress)
def run(
    model: str,
    out: str,
    config: SampleConfig,
    seed: int,
    members: Sequence[str] = (),
) -> Plan:
    """Makes the artifact `samples`, unless it is there already.

    It holds `samples.npy`, `[N, ...]` as the state space stores them, such as uint8
    `[N, H, W, C]` of images or float32 `[N, T, D]`; `energies.npy`, float32 `[N]`,
    nats, of the chains' ends before they were rounded to levels; for a
    conditional model `labels.npy`, the classes in turn from noise, int32 `[N]` (or
    the corners of the unit cube, float32 `[N, K]`, where labels are numbers), or
    `noise_level.npy`, ten levels in turn from high to low, float32 `[N]`, or both;
    those of the slots from the replay buffer, and what the process left of them;
    for a sampler that rejects steps `accept_prob.npy`, float32 `[N]`, each chain's
    mean; if asked for, a picture of each in `png`; `grid.png`, the first of them, a
    row for each class; and some chains from noise to image, the first ones where
    all start from noise, `strip.npy`, `[T, B, ...]`, `strip.png` and `strip.gif`. Of
    points of two numbers `grid.png` is a scatter plot and `strip.png` shows their
    ways; of states that are no images, sequences or such points there is no picture,
    and a line says so. TensorBoard's pictures go to
    `logs/sample` beside `out`.

    Batch i starts by the seed `fold_in(seed, i)`, and the last batch is
    whole and then cut: the images do not depend on where a run was interrupted, and
    those of a smaller `num_samples` are the first of a larger one's. Each batch is
    on the disk before the next begins: memory does not grow with their number, and
    the same call after an interruption goes on.

    Args:
        model: Folder of the artifact `model`.
        out: Folder of the artifact.
        config: How many, and by which chains.
        seed: A whole number.
        members: Folders of more models, or checkpoints in one, such as
            "DIR/checkpoints/ckpt-9000": with the first they are an ensemble. Its
            replay buffer is where chains start.

    Raises:
        FileNotFoundError: If there is no model.
        ValueError: If `out` is something else, or unfinished samples of another
            request, or the models do not go together.
    """
    inputs, checkpoints = _inputs(model, members)
    models = [artifacts.peek(made.path, "model") for made in inputs.values()]
    logs = os.path.join(os.path.dirname(os.path.abspath(out)), "logs", "sample")
    return Plan(
        out=out,
        config=config,
        inputs=inputs,
        seed=seed,
        prepare=lambda: _require_conditions(config, models[0].config["energy"]),
        needs=lambda: needs.of_samples(
            config, models[0].details, models[0].config["energy"]
        ),
        write=lambda scratch: _write(models, checkpoints, scratch, logs, config, seed),
        told=lambda made: (
            diagnostics.line(made.details["chains"]),
            f"wrote {made.path}",
        ),
        gpu=config.gpu,
    )


def _require_conditions(config: SampleConfig, energy: dict) -> None:
    """Raises ValueError if the sampler needs conditions that the energy lacks."""
    while isinstance(energy.get("network"), dict):  # of an ensemble, or of scales
        energy = energy["network"]
    levels = energy.get("noise_levels")
    levels = None if levels is None else NoiseLevelConfig(**levels)
    config.sampler.require_energy(levels, energy.get("num_classes"))


def _inputs(model: str, members: Sequence[str]):
    """Returns the models by name, and of each its checkpoint or None, in order."""
    paths, checkpoints = {"model": model}, [None]
    for number, member in enumerate(members, start=1):
        path, checkpoint = _split_member(member)
        checkpoints.append(checkpoint)
        paths[".".join(filter(None, ("member", str(number), checkpoint)))] = path
    inputs = {name: artifacts.peek(path, "model") for name, path in paths.items()}
    for name, checkpoint in zip(paths, checkpoints, strict=True):
        if checkpoint is not None:  # not what the digest of the model is of
            pattern = f"checkpoints/{glob.escape(checkpoint)}.*"
            inputs[name] = parts.of(inputs[name], pattern, "the checkpoint")
    return inputs, checkpoints


def _split_member(path: str) -> tuple[str, str | None]:
    """Returns the folder of a model, and the name of the checkpoint or None."""
    folder, name = os.path.split(os.path.normpath(path))
    if name.startswith("ckpt-") and os.path.basename(folder) == "checkpoints":
        return os.path.dirname(folder), name
    return path, None


def _write(models, checkpoints, scratch, logs, config, seed) -> None:
    tensorflow_import.import_tensorflow()
    from ebm_tf.sampling import chain_batches
    from ebm_tf.training.checkpoint import read_energy
    from ebm_tf.training.distribution import resolve_jit

    from . import pictures
    from .chains import Chains
    from .files import SampleFiles
    from .starts import Starts

    trained = models[0]
    energies = [networks.load(model) for model in models]
    for energy, model, name in zip(energies, models, checkpoints, strict=True):
        if name is not None:
            read_energy(energy, model.file(os.path.join("checkpoints", name)))
    shape, space = energies[0].state_shape, energies[0].condition_space
    jit = resolve_jit(trained.config["train"]["compile"])
    chains = Chains(energies, config, seed, jit)
    files = SampleFiles(
        scratch.folder, config.num_samples, _arrays(config, energies[0])
    )
    walks_levels = config.sampler.walks_levels
    starts = Starts(trained, space, config.start, seed, walks_levels=walks_levels)
    steps = chain_batches.frame_steps(config.sampler.num_steps, config.strip_frames)
    _settle_step_size(chains, files, starts, config)
    _run_chains(chains, files, starts, steps, config)
    # Of an earlier request for the same images there may be another number of frames.
    num_frames = len(files.load("strip"))
    steps = chain_batches.frame_steps(config.sampler.num_steps, num_frames)
    pictures.draw(files, energies[0], steps)
    if config.png_files:
        pictures.write_each(files, energies[0].space)
    pictures.log(files, logs, trained.details["updates"])
    scratch.details.update(
        num_samples=config.num_samples,
        shape=list(shape),
        space=energies[0].space.to_dict(),
        num_classes=energies[0].num_classes,
        class_names=trained.details["class_names"],
        mean_energy=_mean(files, "energies"),
        accept_prob=_mean(files, "accept_prob") if _rejects(config) else None,
        **files.found,
    )
    scratch.notes.update(strip_steps=steps)
    scratch.shown_files.extend(["png/*", "grid.png", "strip.*"])


def _rejects(config: SampleConfig) -> bool:
    return config.sampler.is_metropolis


def _mean(files, name: str) -> float:
    return float(files.load(name).mean(dtype=np.float64))


def _arrays(config: SampleConfig, energy) -> dict:
    from ebm_tf.conditions import parts_of

    dtype, space = energy.space.storage_dtype.as_numpy_dtype, energy.condition_space
    arrays = {"samples": (dtype, energy.state_shape), "energies": (np.float32, ())}
    for name, part in parts_of(space).items():
        arrays[name] = (part.dtype.as_numpy_dtype, part.shape)
    if _rejects(config):
        arrays["accept_prob"] = (np.float32, ())
    return arrays


def _settle_step_size(chains, files, starts, config) -> None:
    """Finds the step size of a sampler that adapts, or takes the one found before."""
    if not config.sampler.needs_pilot:
        return
    if "step_size" not in files.found:
        files.note(step_size=chains.find_step_size(starts))
    chains.set_step_size(files.found["step_size"])


def _run_chains(chains, files, starts, steps, config) -> None:
    import tqdm

    apart = config.start != "noise" or config.process is not None
    if apart and files.num_done == 0:
        condition = starts.in_turn(0, config.num_strips)
        _save_strips(files, chains.strips(condition, steps))
    with tqdm.tqdm(
        desc="sample",
        unit="image",
        initial=files.num_done,
        total=config.num_samples,
        dynamic_ncols=True,
    ) as bar:
        while files.num_done < config.num_samples:
            interruption.raise_noted()
            first = files.num_done
            observer = None if first else _observer(chains, starts, config)
            if config.process is not None:
                group = chains.process(
                    first,
                    starts,
                    lambda number: bar.set_postfix(round=number),
                    observer,
                )
            else:
                moments = chains.batch(first, starts, steps, observer)
                frames, groups = zip(*moments, strict=True)
                group = groups[-1]
                if first == 0 and not apart:
                    _save_strips(files, np.stack(frames)[:, : config.num_samples])
            if observer:  # noted together with the first rows
                files.found["chains"] = observer.summary()
            _append(files, group)
            bar.update(files.num_done - first)


def _observer(chains, starts, config) -> diagnostics.Observer:
    process = config.process
    num = config.sampler.num_steps if process is None else process.num_rounds
    size = chains.group_size
    return diagnostics.Observer(num, starts.condition(0, size), size)


def _save_strips(files, strips: np.ndarray) -> None:
    write_array(files.path("strip.npy"), strips)


def _append(files, group) -> None:
    files.append(
        samples=group.stored,
        energies=group.energies,
        accept_prob=group.accept_prob,
        **group.condition,
    )
