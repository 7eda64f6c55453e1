"""The study of long chains as a whole: chains, numbers, figures."""

import tensorflow as tf

from ebm_tf import conditions, rng
from ebm_tf.energy.build import bind_condition
from ebm_tf.plots import charts, grid, pictures
from ebm_tf.sampling.chain_batches import ChainBatches, Target
from ebm_tf.studies.contract import Findings, Subject
from ebm_tf.studies.saturation import SaturationConfig, long_chains

# What is drawn over the steps: field of `Looks` -> what it is, with its unit.
CURVES = {
    "saturated": "share of pixels that are black or white",
    "energy": "mean energy (nats)",
    "diversity": "RMS difference of two images (pixels)",
    "movement": "mean change of a pixel since the last look",
}


def find(config: SaturationConfig, subject: Subject) -> Findings:
    """Runs the chains; returns what `SaturationConfig.run` promises.

    Args:
        config: How long, and when to look.
        subject: The model; its sampler has the chains' number of steps.
    """
    looks = _follow(config, subject)
    curves = {name: getattr(looks, name).tolist() for name in CURVES}
    table = {"steps": looks.steps.tolist(), **curves}
    table["accept_prob"] = looks.accept_prob.tolist()
    return Findings(
        tables={"looks": table},
        figures=_figures(looks, subject),
        arrays={"strip": looks.frames},
        details={
            "last": {name: values[-1] for name, values in table.items()},
            "settled": looks.settled,
        },
        notes={"frame_steps": looks.frame_steps},
        shown=("strip",),
    )


def _follow(config, subject) -> long_chains.Looks:
    energy, space = subject.energy, subject.energy.condition_space
    kernel_at = subject.sampler.kernel_at(subject.space)
    batches = ChainBatches(
        lambda condition: Target(bind_condition(energy, condition), kernel_at),
        subject.space,
        shape=(config.num_chains, *energy.state_shape),
        seed=rng.make_seed(subject.seed),
        jit=subject.jit,
    )
    in_turn = conditions.in_turn(space, 0, config.num_chains)
    return long_chains.follow(
        batches,
        subject.space,
        config,
        conditions.each(tf.constant, in_turn),
        lambda step: subject.report(step, config.num_steps),
    )


def _figures(looks, subject) -> dict:
    found = {}
    for name, label in CURVES.items():
        # Noise lies so far above all else that nothing else of the curve would show.
        first = 1 if name == "energy" else 0
        series = {name: (looks.steps[first:], getattr(looks, name)[first:])}
        found[name] = charts.curves(series, "steps from uniform noise", label)
    shape = subject.energy.state_shape
    if grid.can_show(shape):
        frames = grid.as_images(looks.frames, len(shape), subject.space)
        found["strip"] = pictures.film_strip(frames, looks.frame_steps)
    return found
