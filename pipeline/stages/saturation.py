"""Stage `saturation`: what becomes of long chains of a model (paper, A.6)."""

import dataclasses
import os

import numpy as np

from ebm_tf import files, json_files
from ebm_tf.analysis.config import SaturationConfig
from ebm_tf.sampling.samplers import SamplerConfig

from ..console import tensorflow_import
from ..store import artifacts
from .stage import Plan, stage

# What is drawn over the steps: field of `Looks` -> what it is, with its unit.
CURVES = {
    "saturated": "share of pixels that are black or white",
    "energy": "mean energy (nats)",
    "diversity": "RMS difference of two images (pixels)",
    "movement": "mean change of a pixel since the last look",
}


@stage("saturation", makes="saturation")
def run(
    model: str, out: str, config: SaturationConfig, sampler: SamplerConfig, seed: int
) -> Plan:
    """Makes the artifact `saturation`, unless it is there already.

    It holds `looks.json`, the numbers at every look; a picture of each of `CURVES`;
    `strip.npy`, as stored `[F, S, ...]`, some of the chains, and of images and
    sequences `strip.png`, a picture of them; and in
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
    return Plan(
        out=out,
        config={"saturation": config, "sampler": sampler},
        inputs={"model": trained},
        seed=seed,
        write=lambda scratch: _write(trained, scratch, config, sampler, seed),
    )


def _write(trained, scratch, config, sampler, seed) -> None:
    tensorflow_import.import_tensorflow()
    import tensorflow as tf
    import tqdm

    from ebm_tf import conditions, rng
    from ebm_tf.analysis import saturation
    from ebm_tf.energy.build import bind_condition, load_energy
    from ebm_tf.sampling.chain_batches import ChainBatches, Target
    from ebm_tf.training.distribution import resolve_jit

    energy = load_energy(trained.file("model.keras"))
    box, space = energy.space, energy.condition_space
    kernel_at = sampler.kernel_at(box)
    batches = ChainBatches(
        lambda given: Target(bind_condition(energy, given), kernel_at),
        box,
        shape=(config.num_chains, *energy.state_shape),
        seed=rng.make_seed(seed),
        jit=resolve_jit(trained.config["train"]["compile"]),
    )
    in_turn = conditions.in_turn(space, 0, config.num_chains)
    condition = conditions.each(tf.constant, in_turn)
    with tqdm.tqdm(
        desc="saturation", unit="step", total=config.num_steps, dynamic_ncols=True
    ) as bar:
        looks = saturation.follow(
            batches, box, config, condition, lambda step: bar.update(step - bar.n)
        )
    curves = {name: getattr(looks, name).tolist() for name in CURVES}
    table = {"steps": looks.steps.tolist(), **curves}
    table["accept_prob"] = looks.accept_prob.tolist()
    path = os.path.join(scratch.folder, "looks.json")
    files.write_text(path, json_files.dump_json(table))
    _draw(looks, energy, scratch.folder)
    scratch.details.update(
        last={name: values[-1] for name, values in table.items()},
        settled=looks.settled,
    )
    scratch.notes.update(frame_steps=looks.frame_steps)
    scratch.shown_files.extend(["*.png", "strip.npy"])


def _draw(looks, energy, folder: str) -> None:
    from ebm_tf.plots import charts, grid, pictures, style

    for name, label in CURVES.items():
        # Noise lies so far above all else that nothing else of the curve would show.
        first = 1 if name == "energy" else 0
        series = {name: (looks.steps[first:], getattr(looks, name)[first:])}
        figure = charts.curves(series, "steps from uniform noise", label)
        style.save(figure, os.path.join(folder, f"{name}.png"))
    np.save(os.path.join(folder, "strip.npy"), looks.frames)
    shape = energy.state_shape
    if not grid.can_show(shape):
        return
    frames = grid.as_images(looks.frames, len(shape), energy.space)
    strip = pictures.film_strip(frames, looks.frame_steps)
    style.save(strip, os.path.join(folder, "strip.png"))
