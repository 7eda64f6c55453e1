"""Stage `sample`: chains, from noise or from the replay buffer, become images."""

import os

import numpy as np

from pipeline import artifacts, config_io, durable, quiet
from pipeline.config import SampleConfig

# Beside the images while they are made: how many are done.
_PROGRESS = "progress.json"
_MAX_SHOWN = 100
_MAX_COLUMNS = 20


def run(model: str, out: str, config: SampleConfig, seed: int) -> artifacts.Artifact:
    """Makes the artifact `samples`, unless it is there already.

    It holds `samples.npy`, uint8 `[N, H, W, C]`; `energies.npy`, float32 `[N]`,
    nats, of the chains' ends before they were rounded to 256 levels; for a
    conditional model `labels.npy`, int32 `[N]`, the classes in turn from noise, and
    those of the slots from the replay buffer; `grid.png`, the first of them; and some
    chains from noise to image, the first ones where all start from noise,
    `strip.npy`, uint8 `[T, B, H, W, C]`, and `strip.png`. TensorBoard's pictures go
    to `logs/sample` beside `out`.

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

    Raises:
        FileNotFoundError: If there is no model.
        ValueError: If `out` is something else, or unfinished samples of another
            request.
    """
    inputs = {"model": artifacts.peek(model, "model")}
    found = artifacts.find(out, "samples", config, inputs, seed)
    if found:
        print(f"sample: {out} is there already, made by this request")
        return found
    trained = artifacts.load(model, "model")
    with artifacts.resuming(out, "samples", config, inputs, seed, {}) as scratch:
        logs = os.path.join(os.path.dirname(os.path.abspath(out)), "logs", "sample")
        _write(trained, scratch, logs, config, seed)
    print(f"sample: wrote {out}")
    return artifacts.peek(out, "samples")


def _write(trained, scratch, logs, config, seed) -> None:
    # Only now: whoever finds the artifact made waits for none of this.
    quiet.import_tensorflow()
    from ebm_tf.energy.build import load_energy
    from ebm_tf.sampling import chain_batches

    energy = load_energy(trained.file("model.keras"))
    files = _Files(scratch.folder, config.num_samples, energy.state_shape)
    steps = chain_batches.frame_steps(config.langevin.num_steps, config.strip_frames)
    compile_rule = trained.config["train"]["compile"]
    starts = _Starts(trained, energy.num_classes, config.start, seed)
    _run_chains(energy, files, steps, config, seed, starts, compile_rule)
    if energy.num_classes is not None:
        np.save(files.path("labels.npy"), starts.labels(0, config.num_samples))
    _draw(files, energy.num_classes, steps)
    _log(files, logs, trained.details["updates"])
    files.finish()
    energies = np.load(files.path("energies.npy"))
    scratch.details.update(
        num_samples=config.num_samples,
        shape=list(energy.state_shape),
        num_classes=energy.num_classes,
        class_names=trained.details["class_names"],
        mean_energy=float(energies.mean(dtype=np.float64)),
        strip_steps=steps,
    )


def _run_chains(energy, files, steps, config, seed, starts, compile_rule) -> None:
    import tensorflow as tf
    import tqdm

    from ebm_tf import rng
    from ebm_tf.box import PIXELS
    from ebm_tf.energy.build import bind_labels
    from ebm_tf.sampling.chain_batches import ChainBatches
    from ebm_tf.training.distribution import resolve_jit

    size = config.batch_size

    def make_chains(num: int) -> ChainBatches:
        return ChainBatches(
            lambda labels: bind_labels(energy, labels),
            config.langevin,
            PIXELS,
            shape=(num, *energy.state_shape),
            seed=rng.make_seed(seed),
            jit=resolve_jit(compile_rule),
        )

    chains = make_chains(size)
    if config.start == "replay" and files.num_done == 0:
        labels = starts.in_turn(0, config.num_strips)
        strips = make_chains(config.num_strips).batch(0, labels, steps)
        np.save(files.path("strip.npy"), [PIXELS.encode(x).numpy() for x in strips])
    with tqdm.tqdm(
        desc="sample",
        unit="image",
        initial=files.num_done,
        total=config.num_samples,
        dynamic_ncols=True,
    ) as bar:
        while files.num_done < config.num_samples:
            first = files.num_done
            labels, stored = starts.labels(first, size), starts.stored(first, size)
            labels = None if labels is None else tf.constant(labels)
            frames = []
            # In pieces, so that a signal need not wait for the whole chain.
            for x in chains.batch(first // size, labels, steps, stored):
                frames.append(PIXELS.encode(x[: config.num_strips]).numpy())
            if first == 0 and config.start == "noise":
                strips = np.stack(frames)[:, : config.num_samples]
                np.save(files.path("strip.npy"), strips)
            energies = chains.energy(x, labels)
            files.append(PIXELS.encode(x).numpy(), energies.numpy())
            bar.update(files.num_done - first)


class _Starts:
    """Where the chains of images `first` on start, and under which labels."""

    def __init__(self, trained, num_classes: int | None, start: str, seed: int):
        self._num_classes, self._slots = num_classes, None
        if start == "replay":
            self._states = np.load(trained.file("replay.npy"), mmap_mode="r")
            self._slots = np.random.default_rng(seed).permutation(len(self._states))
            if num_classes is not None:
                self._labels = np.load(trained.file("replay_labels.npy"))

    def _of(self, first: int, num: int) -> np.ndarray:
        return self._slots[np.arange(first, first + num) % len(self._slots)]

    def stored(self, first: int, num: int) -> np.ndarray | None:
        """Returns the states to start from, as stored; None for noise."""
        return None if self._slots is None else self._states[self._of(first, num)]

    def labels(self, first: int, num: int) -> np.ndarray | None:
        """Returns the labels, int32 `[num]`; None for an unconditional model."""
        if self._num_classes is None or self._slots is None:
            return self.in_turn(first, num)
        return self._labels[self._of(first, num)]

    def in_turn(self, first: int, num: int) -> np.ndarray | None:
        """Returns the classes in turn; None for an unconditional model."""
        if self._num_classes is None:
            return None
        return np.arange(first, first + num, dtype=np.int32) % self._num_classes


class _Files:
    """The arrays, written batch by batch.

    Attributes:
        num_done: Images on the disk.
    """

    def __init__(self, folder: str, num: int, shape: tuple[int, ...]):
        self._folder, self._num = folder, num
        self.num_done = 0
        if os.path.exists(self.path(_PROGRESS)):
            self.num_done = config_io.read_json(self.path(_PROGRESS))["num_done"]
            return
        for name, dtype, full_shape in (
            ("samples.npy", np.uint8, (num, *shape)),
            ("energies.npy", np.float32, (num,)),
        ):
            np.lib.format.open_memmap(self.path(name), "w+", dtype, full_shape).flush()

    def path(self, name: str) -> str:
        return os.path.join(self._folder, name)

    def append(self, images: np.ndarray, energies: np.ndarray) -> None:
        """Writes a batch, and only then that it is there."""
        end = min(self.num_done + len(images), self._num)
        size = end - self.num_done
        for name, values in (("samples.npy", images), ("energies.npy", energies)):
            # Opened for each batch, so that what was written leaves the memory.
            array = np.lib.format.open_memmap(self.path(name), "r+")
            array[self.num_done : end] = values[:size]
            array.flush()
        self.num_done = end
        note = config_io.dump_json({"num_done": end})
        durable.write_text(self.path(_PROGRESS), note)

    def finish(self) -> None:
        """Removes the note of progress."""
        os.remove(self.path(_PROGRESS))


def _draw(files: _Files, num_classes: int | None, steps: list[int]) -> None:
    from ebm_tf.plots import grid, pictures, style

    images = np.load(files.path("samples.npy"), mmap_mode="r")[:_MAX_SHOWN]
    columns = 10
    if num_classes is not None and num_classes <= _MAX_COLUMNS:
        columns = num_classes  # the classes come in turn: a column is a class
    if len(images) > columns:
        images = images[: len(images) // columns * columns]
    grid.write_png(files.path("grid.png"), grid.tile(images, columns, scale=2))
    strip = pictures.film_strip(np.load(files.path("strip.npy")), steps)
    style.save(strip, files.path("strip.png"))


def _log(files: _Files, logs: str, step: int) -> None:
    import tensorflow as tf
    from PIL import Image

    writer = tf.summary.create_file_writer(logs)
    with writer.as_default(step=step):
        for name in ("grid", "strip"):
            with Image.open(files.path(f"{name}.png")) as picture:
                pixels = np.asarray(picture.convert("RGB"))
            tf.summary.image(f"sample/{name}", pixels[None])
        tf.summary.histogram("sample/energy", np.load(files.path("energies.npy")))
    writer.close()
