"""Compares the objectives and buffers of training on points in the plane.

    ./bazelw run //benchmarks:objectives_2d -- --only=cd --only=denoising

Trains the same small network in every way that `WAYS` names, on a density with known
log p. In the plane log Z is a sum over a grid, so each prints its distance to the
truth, KL(truth | model), in nats over unseen data, and the CPU time it took. A flat
density on the box is at the distance printed first. One seed each, settings tuned for
none but the first: it shows that an option trains, not which is best.
"""

import argparse
import math
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import Box
from ebm_tf.data import synthetic
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.config import MlpConfig
from ebm_tf.objectives import ObjectiveConfig
from ebm_tf.objectives.contrastive import (
    ChainScheduleConfig,
    ContrastiveConfig,
    KlConfig,
)
from ebm_tf.objectives.denoising import DenoisingConfig
from ebm_tf.sampling.config import AdaptiveHmcConfig, LangevinConfig, ReplayConfig
from ebm_tf.training.config import OptimizerConfig, TrainConfig
from ebm_tf.training.distribution import make_strategy
from ebm_tf.training.trainer import Trainer

TRUTH = synthetic.density("two_moons")
BOX = Box(low=-synthetic.BOUND, high=synthetic.BOUND, num_levels=None)
BATCH_SIZE, TEMPERATURE, STEP = 128, 0.1, 0.004
NETWORK = MlpConfig(
    widths=(64, 64, 64),
    scale=30.0,
    activation="swish",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
)


def buffer(**changes) -> ReplayConfig:
    fields = {
        "capacity": 10_000,
        "fresh_prob": 0.05,
        "labels": "data",
        "write": "in_place",
    }
    return ReplayConfig(**fields | changes)


def contrastive(**changes) -> ContrastiveConfig:
    fields = {
        "contrast": "cd",
        "l2_weight": 0.01,
        "langevin": LangevinConfig(
            num_steps=20,
            step_size=STEP / TEMPERATURE,
            noise_std=math.sqrt(2.0 * STEP),
            grad_clip=None,
        ),
        "replay": buffer(),
    }
    return ContrastiveConfig(**fields | changes)


def divergence(entropy_weight: float) -> KlConfig:
    return KlConfig(
        weight=0.3, entropy_weight=entropy_weight, neighbour=1, num_grad_steps=2
    )


# Way -> its objective.
WAYS = {
    "cd": contrastive(),
    "logsumexp": contrastive(contrast="logsumexp"),
    "softplus": contrastive(contrast="softplus"),
    "kl": contrastive(kl=divergence(0.0)),
    "kl_entropy": contrastive(kl=divergence(TEMPERATURE)),
    "gradient_penalty": contrastive(gradient_penalty_weight=0.001),
    "denoising": DenoisingConfig(noise_std=0.1, l2_weight=0.0, temperature=TEMPERATURE),
    "pcd": contrastive(replay=buffer(capacity=BATCH_SIZE, fresh_prob=0.0)),
    "ring": contrastive(replay=buffer(write="ring")),
    "reservoir": contrastive(replay=buffer(write="reservoir")),
    "hmc": contrastive(
        hmc=AdaptiveHmcConfig(
            num_leapfrog=3, step_size=0.1, target_accept=0.7, adapt_rate=0.1
        )
    ),
    "step_by_energy": contrastive(step_energy_scale=0.5),
    "schedule": contrastive(
        chain_schedule=ChainScheduleConfig(
            shape="cosine", step_factor=0.5, noise_factor=math.sqrt(0.5)
        )
    ),
}


def settings(num_updates: int, objective: ObjectiveConfig) -> TrainConfig:
    fields = {
        "num_updates": num_updates,
        "batch_size": BATCH_SIZE,
        "objective": objective,
        "optimizer": OptimizerConfig(
            learning_rate=4e-3,
            final_learning_rate=1e-4,
            beta_1=0.0,
            beta_2=0.999,
            epsilon=1e-8,
            num_sigmas=3.0,
            ema_decay=0.99,
        ),
        "dtype": "float32",
        "compile": "graph",
        "log_every": 10,
        "image_every": 10,
        "preview_steps": 1,
        "checkpoint_every": 10,
        "keep_checkpoints": 1,
    }
    return TrainConfig(**fields)


def batches(first: int, last: int):
    """Data of update t: fresh points, from a seed of its own."""
    labels = np.zeros(BATCH_SIZE, np.int32)  # of no use to this energy
    draw = tf.function(lambda seed: TRUTH.sample(BATCH_SIZE, seed=seed))
    for update in range(first, last):
        yield draw(rng.fold_in(rng.make_seed(1), update)).numpy(), labels


def train(config: TrainConfig) -> Trainer:
    strategy = make_strategy("one")
    with strategy.scope():
        energy = build_energy(NETWORK, TRUTH.event_shape, seed=0)
    trainer = Trainer(energy, BOX, config, seed=0, strategy=strategy)
    trainer.fit(batches)
    trainer.adopt_average()
    return trainer


def log_density_of(trained: Trainer):
    return lambda x: -trained.energy(x).numpy() / TEMPERATURE


def distance(log_density) -> tuple[float, float]:
    """Returns KL(truth | model) in nats and its standard error, over unseen data.

    Args:
        log_density: `[B, 2] -> [B]`, up to a constant.
    """
    axis = np.linspace(BOX.low, BOX.high, 240, dtype=np.float32)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    log_cell = 2 * math.log(axis[1] - axis[0])
    log_z = np.logaddexp.reduce(log_density(points).astype(np.float64)) + log_cell
    unseen = TRUTH.sample(4000, seed=rng.make_seed(2))
    gaps = TRUTH.log_prob(unseen).numpy() - log_density(unseen) + log_z
    return gaps.mean(), gaps.std() / math.sqrt(len(gaps))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", choices=WAYS, help="Default: all.")
    parser.add_argument("--num_updates", type=int, default=1000)
    options = parser.parse_args()
    flat, _ = distance(lambda x: np.zeros(len(x)))
    print(f"{'flat density':18}{flat:7.3f} nats")
    for name in options.only or WAYS:
        start = time.process_time()
        trained = train(settings(options.num_updates, WAYS[name]))
        took = time.process_time() - start
        gap, error = distance(log_density_of(trained))
        print(f"{name:18}{gap:7.3f} +- {error:.3f} nats, {took:.0f} s CPU", flush=True)


if __name__ == "__main__":
    main()
