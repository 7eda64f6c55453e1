"""Stage `saturation`: what becomes of long chains of a model (paper, A.6)."""

import dataclasses
import os

import numpy as np

from ebm_tf import json_files
from ebm_tf.analysis.config import SaturationConfig
from ebm_tf.sampling.samplers import SamplerConfig

from ..console import tensorflow_import
from ..store import artifacts, durable

# What is drawn over the steps: field of `Looks` -> what it is, with its unit.
CURVES = {
    "saturated": "share of pixels that are black or white",
    "energy": "mean energy (nats)",
    "diversity": "RMS difference of two images (pixels)",
    "movement": "mean change of a pixel since the last look",
}


def run(
    model: str, out: str, config: SaturationConfig, sampler: SamplerConfig, seed: int
) -> artifacts.Artifact:
    """Makes the artifact `saturation`, unless it is there already.

    It holds `looks.json`, the numbers at every look; a picture of each of `CURVES`;
    `strip.png` and `strip.npy`, uint8 `[F, S, H, W, C]`, some of the chains; and in
    the manifest's details the last look and how well the chains have settled.

    Args:
        model: Folder of the artifact `model`.
        out: Folder of the artifact.
        config: How long, and when to look.
        sampler: The chains; `num_steps` is that of `config`.
        seed: A whole number.

    Raises:
        FileNotFoundError: If there is no model.
        ValueError: If `out` is something else, or the sampler has a step size that
            is still to be found.
    """
    trained = artifacts.peek(model, "model")
    sampler = dataclasses.replace(sampler, num_steps=config.num_steps)
    wanted, inputs = {"saturation": config, "sampler": sampler}, {"model": trained}
    found = artifacts.find(out, "saturation", wanted, inputs, seed)
    if found:
        print(f"saturation: {out} is there already, made by this request")
        return found
    artifacts.load(model, "model")
    with artifacts.writing(out, "saturation", wanted, inputs, seed) as scratch:
        _write(trained, scratch, config, sampler, seed)
    print(f"saturation: wrote {out}")
    return artifacts.peek(out, "saturation")


def _write(trained, scratch, config, sampler, seed) -> None:
    # Only now: whoever finds the artifact made waits for none of this.
    tensorflow_import.import_tensorflow()
    import tensorflow as tf
    import tqdm

    from ebm_tf import rng
    from ebm_tf.analysis import saturation
    from ebm_tf.box import box_of
    from ebm_tf.energy.build import bind_condition, load_energy
    from ebm_tf.sampling.chain_batches import ChainBatches, Target
    from ebm_tf.training.distribution import resolve_jit

    energy = load_energy(trained.file("model.keras"))
    box, space = box_of(energy.state_shape), energy.condition_space
    kernel_at = sampler.kernel_at(box)
    batches = ChainBatches(
        lambda labels: Target(bind_condition(energy, labels), kernel_at),
        box,
        shape=(config.num_chains, *energy.state_shape),
        seed=rng.make_seed(seed),
        jit=resolve_jit(trained.config["train"]["compile"]),
    )
    labels = None
    if space is not None:
        labels = tf.constant(space.in_turn(0, config.num_chains))
    with tqdm.tqdm(
        desc="saturation", unit="step", total=config.num_steps, dynamic_ncols=True
    ) as bar:
        looks = saturation.follow(
            batches, box, config, labels, lambda step: bar.update(step - bar.n)
        )
    curves = {name: getattr(looks, name).tolist() for name in CURVES}
    table = {"steps": looks.steps.tolist(), **curves}
    table["accept_prob"] = looks.accept_prob.tolist()
    path = os.path.join(scratch.folder, "looks.json")
    durable.write_text(path, json_files.dump_json(table))
    _draw(looks, scratch.folder)
    scratch.details.update(
        last={name: values[-1] for name, values in table.items()},
        settled=looks.settled,
    )
    scratch.notes.update(frame_steps=looks.frame_steps)
    scratch.shown_files.extend(["*.png", "strip.npy"])


def _draw(looks, folder: str) -> None:
    from ebm_tf.plots import charts, grid, pictures, style

    for name, label in CURVES.items():
        # Noise lies so far above all else that nothing else of the curve would show.
        first = 1 if name == "energy" else 0
        series = {name: (looks.steps[first:], getattr(looks, name)[first:])}
        figure = charts.curves(series, "steps from uniform noise", label)
        style.save(figure, os.path.join(folder, f"{name}.png"))
    np.save(os.path.join(folder, "strip.npy"), looks.frames)
    strip = pictures.film_strip(grid.as_images(looks.frames), looks.frame_steps)
    style.save(strip, os.path.join(folder, "strip.png"))
