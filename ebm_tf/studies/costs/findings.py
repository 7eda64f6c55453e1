"""The study of costs as a whole: an energy like the run's, timed."""

import dataclasses

import numpy as np
import tensorflow as tf

from ebm_tf import checks, conditions, rng
from ebm_tf.energy import precision
from ebm_tf.energy.build import bind_condition, build_energy
from ebm_tf.plots import charts
from ebm_tf.resources import size
from ebm_tf.sampling.chain_batches import ChainBatches, Target
from ebm_tf.studies.contract import Findings, Subject
from ebm_tf.studies.costs import CostsConfig
from ebm_tf.studies.costs.timing import Took, timed
from ebm_tf.training import distribution
from ebm_tf.training.trainer import Trainer

# Figure 8, of CIFAR-10: parameters, GPU hours of training, hours for 50,000 images.
PAPER = {
    "EBM (paper)": (5e6, 48.0, 3.0),
    "PixelCNN++": (160e6, 1300.0, 72.0),
    "Glow": (115e6, 1300.0, 0.5),
    "SNGAN": (5e6, 9.0, 0.02),
}
HERE = "here"


def find(config: CostsConfig, subject: Subject) -> Findings:
    """Times updates and steps; returns what `CostsConfig.run` promises."""
    train, sampler = subject.recipe.train, subject.sampler
    num_rows = config.num_rows or train.batch_size
    rule = f"at most the examples of an update, {train.batch_size}"
    checks.require(num_rows <= train.batch_size, "num_rows", rule, num_rows)
    rule = f"below the steps of a chain, {sampler.num_steps}"
    is_fine = config.num_steps < sampler.num_steps
    checks.require(is_fine, "num_steps", rule, config.num_steps)
    subject.report(0, 2)
    energy, update = _update(config, subject, num_rows)
    subject.report(1, 2)
    # What was trained in bfloat16 is sampled in float32.
    step = _step(config, subject, precision.in_dtype(energy, "float32"))
    subject.report(2, 2)
    num_parameters = sum(size(v.shape, 1) for v in energy.trainable_variables)
    scale = train.batch_size / num_rows
    num_steps = sampler.num_steps * config.num_images / config.num_chains
    table = {
        "parameters": num_parameters,
        "update": update._asdict() | {"rows": num_rows, "num": config.num_updates},
        "training": {
            "num_updates": train.num_updates,
            "batch_size": train.batch_size,
            **update.hours(train.num_updates * scale),
        },
        "step": step._asdict() | {"chains": config.num_chains, "num": config.num_steps},
        "sampling": {
            "num_images": config.num_images,
            "num_steps": sampler.num_steps,
            "sampler": sampler.kind,
            **step.hours(num_steps),
        },
        "gpus": [gpu.name for gpu in tf.config.list_physical_devices("GPU")],
        "paper": PAPER,
    }
    return Findings(
        tables={"costs": table},
        figures={"costs": _figure(table)},
        details={"parameters": num_parameters},
        notes={"sampler": sampler.kind},
        shown=("costs",),
    )


def _update(config, subject, num_rows) -> tuple:
    """Returns the energy, and what an update of `num_rows` takes."""
    recipe = subject.recipe
    settings = dataclasses.replace(
        recipe.train, batch_size=num_rows, sizes_per_replica=False, recovery=None
    )
    strategy = distribution.make_strategy("one")
    with strategy.scope():
        energy = build_energy(recipe.network, recipe.shape, subject.seed, subject.space)
        energy = precision.in_dtype(energy, settings.dtype)
    trainer = Trainer(
        energy, subject.space, settings, seed=subject.seed, strategy=strategy
    )
    seed = rng.make_seed(subject.seed)
    stored = _stored(subject, num_rows, rng.fold_in(seed, 0))
    labels = _labels(energy, num_rows, rng.fold_in(seed, 1))
    took = timed(lambda: trainer.run_update(stored, labels), config.num_updates)
    return energy, took


def _stored(subject, num, seed) -> np.ndarray:
    noise = subject.space.noise(seed, (num, *subject.recipe.shape))
    return subject.space.encode(noise).numpy()


def _labels(energy, num, seed) -> np.ndarray:
    space = conditions.parts_of(energy.condition_space).get("labels")
    return np.zeros(num, np.int32) if space is None else space.random(seed, num).numpy()


def _step(config, subject, energy) -> Took:
    """Returns what a step of all chains takes."""
    space, sampler = energy.condition_space, subject.sampler
    condition = conditions.smallest(space, config.num_chains)
    kernel_at = sampler.kernel_at(subject.space)

    def target(asked):
        return Target(bind_condition(energy, asked), kernel_at)

    chains = ChainBatches(
        target,
        subject.space,
        shape=(config.num_chains, *subject.recipe.shape),
        seed=rng.make_seed(subject.seed),
        jit=subject.jit,
    )
    steps = range(1, config.num_steps + 2)
    looks = iter(chains.batch(0, condition, list(steps)))
    # The states are fetched, so that the step is done when the clock is read.
    return timed(lambda: next(looks).x.numpy(), config.num_steps)


def _figure(table):
    """Draws hours of the clock where there is a GPU; of a CPU, which others share, its
    own."""
    name = "hours" if table["gpus"] else "cpu_hours"
    label = "GPU hours" if table["gpus"] else "hours (paper: of a GPU; here: of a core)"
    ours = table["training"][name], table["sampling"][name]
    of_images = f"{table['sampling']['num_images']:,} images"
    hours = {
        "training": [ours[0], *(row[1] for row in PAPER.values())],
        of_images: [ours[1], *(row[2] for row in PAPER.values())],
    }
    return charts.log_bars(hours, [HERE, *PAPER], label)
