"""Weights of 40 separated modes, learned by energies of noise levels.

    ./bazelw run //benchmarks:level_modes -- --updates=4000

A mixture of 40 Gaussians in the plane, of weights from 0.2 to 1.8 times a 40th, is
learned by dual score matching, with and without the term that tells two levels apart,
and with the slope in the state alone. At the lowest level each mode's learned log
weight is compared with its true one: the mean of `-E - log p` at points of the mode. Of
three seeds: mean log Z, and the spread of log weights, nats.
"""

import argparse
import math

import numpy as np
import tensorflow as tf
import tqdm

from ebm_tf import rng, text_table
from ebm_tf.box import OpenSpace
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.energy.networks.level_mlp import LevelMlpConfig
from ebm_tf.energy.networks.levels import NoisedBaseConfig
from ebm_tf.objectives.dual_score import (
    DualScoreConfig,
    LevelDrawConfig,
    TwoLevelsConfig,
)
from ebm_tf.training import distribution
from ebm_tf.training.config import OptimizerConfig, TrainConfig
from ebm_tf.training.trainer import Trainer

_NUM_MODES, _STD, _BATCH = 40, 0.5, 256
_LOW, _HIGH = 0.1, 200.0
_DRAW = LevelDrawConfig(uniform_share=0.7, log_mean=1.5, log_std=1.5)
_ROWS = {
    "space and level": {"level_weight": 1.0},
    "and two levels": {
        "level_weight": 1.0,
        "two_levels": TwoLevelsConfig(weight=0.1, spread=1.0),
    },
    "space alone": {"level_weight": 1e-12},
}


class Modes:
    """The mixture.

    Args:
        seed: Decides where modes are, and their weights.
    """

    def __init__(self, seed: int):
        random = np.random.default_rng(seed)
        self.means = random.uniform(-40.0, 40.0, (_NUM_MODES, 2))
        self.weights = random.uniform(0.2, 1.8, _NUM_MODES)
        self.weights /= self.weights.sum()

    def sample(self, num: int, random) -> tuple[np.ndarray, np.ndarray]:
        """Returns points, float32 `[num, 2]`, and the mode of each."""
        modes = random.choice(_NUM_MODES, num, p=self.weights)
        points = self.means[modes] + _STD * random.standard_normal((num, 2))
        return points.astype(np.float32), modes

    def log_prob(self, y: np.ndarray, sigma: float) -> np.ndarray:
        """Returns the exact log density with noise, `[num]`, nats."""
        variance = _STD**2 + sigma**2
        apart = np.sum((y[:, None] - self.means) ** 2, axis=2) / variance
        logs = np.log(self.weights) - 0.5 * apart - math.log(2 * math.pi * variance)
        return np.logaddexp.reduce(logs, axis=1)


def train(mixture: Modes, objective: DualScoreConfig, updates: int, seed: int):
    """Returns an energy trained on the mixture."""
    config = TrainConfig(
        num_updates=updates,
        batch_size=_BATCH,
        objective=objective,
        optimizer=OptimizerConfig(
            learning_rate=3e-3,
            final_learning_rate=3e-5,
            beta_1=0.9,
            beta_2=0.99,
            epsilon=1e-8,
            ema_decay=0.998,
            ema_start="zeros",
        ),
        dtype="float32",
        compile="graph",
        log_every=updates,
        image_every=updates,
        preview_steps=2,
        checkpoint_every=updates,
        keep_checkpoints=1,
    )
    network = LevelMlpConfig(
        base=NoisedBaseConfig(kind="normal"),
        gate_scale=30.0,
        embedding=64,
        widths=(128, 128, 128),
        noise_levels=NoiseLevelConfig(low=_LOW, high=_HIGH),
    )
    random = np.random.default_rng(seed)
    strategy, space = distribution.make_strategy("one"), OpenSpace(mean=0.0, std=25.0)
    with strategy.scope():
        energy = build_energy(network, (2,), seed, space)
    energy.fit_base([mixture.sample(20_000, random)[0]])
    trainer = Trainer(energy, space, config, seed=seed, strategy=strategy)

    def batches(first, last):
        for _ in tqdm.trange(first, last, desc="train", unit="update", leave=False):
            yield mixture.sample(_BATCH, random)[0], np.zeros(_BATCH, np.int32)

    trainer.fit(batches)
    trainer.adopt_average()
    return energy


def measure(energy, mixture: Modes) -> tuple[float, float]:
    """Returns mean log Z, and the spread of the modes' log weights, nats."""
    points, modes = mixture.sample(20_000, np.random.default_rng(1))
    noise = rng.normal(rng.make_seed(5), points.shape).numpy()
    y = points + _LOW * noise
    learned = -energy(tf.constant(y), tf.fill([len(y)], _LOW)).numpy()
    apart = learned - mixture.log_prob(y, _LOW)
    each = np.array([apart[modes == mode].mean() for mode in range(_NUM_MODES)])
    mean = float(mixture.weights @ each)
    return -mean, float(np.sqrt(mixture.weights @ (each - mean) ** 2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--updates", type=int, default=4000)
    parser.add_argument("--seeds", type=int, default=3)
    args = parser.parse_args()
    table = [["terms", "log Z", "spread of log weights"]]
    for name, terms in _ROWS.items():
        found = []
        for seed in range(args.seeds):
            mixture = Modes(seed)
            objective = DualScoreConfig(levels=_DRAW, **terms)
            energy = train(mixture, objective, args.updates, seed)
            found.append(measure(energy, mixture))
        log_z, spread = np.mean(found, axis=0)
        table.append([name, f"{log_z:+.2f}", f"{spread:.2f}"])
        print(name, found, flush=True)
    print("\n".join(text_table.markdown(table)))


if __name__ == "__main__":
    main()
