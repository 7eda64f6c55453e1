"""A run small enough to train in a test: 8x8 images, a network of 4 filters."""

import functools

import keras
import numpy as np
import tensorflow as tf

from ebm_tf.box import PIXELS
from ebm_tf.energy import precision
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.convnet import ConvNetConfig
from ebm_tf.energy.networks.mlp import MlpConfig
from ebm_tf.objectives.contract import Setup
from ebm_tf.objectives.contrastive import ContrastiveConfig
from ebm_tf.sampling.config import LangevinConfig, ReplayConfig
from ebm_tf.training.config import OptimizerConfig, RecoveryConfig, TrainConfig
from ebm_tf.training.trainer import Trainer

SHAPE = (8, 8, 1)
NETWORK = ConvNetConfig(
    stem_filters=4,
    filters=4,
    activation="swish",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
)
# Its graphs are traced in half the time: for tests of what goes on around an update.
MLP = MlpConfig(
    widths=(4,),
    scale=1.0,
    activation="swish",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
)


def objective(**changes) -> ContrastiveConfig:
    """Returns the contrastive divergence with an L2 term, and `changes`."""
    fields = {
        "contrast": "cd",
        "l2_weight": 0.1,
        "langevin": LangevinConfig(
            num_steps=3, step_size=10.0, noise_std=0.005, grad_clip=0.01
        ),
        "replay": replay(),
    }
    return ContrastiveConfig(**fields | changes)


def replay(**changes) -> ReplayConfig:
    """Returns a buffer of 16 slots, with `changes`."""
    fields = {
        "capacity": 16,
        "fresh_prob": 0.1,
        "labels": "data",
        "write": "in_place",
    }
    return ReplayConfig(**fields | changes)


def train_config(**changes) -> TrainConfig:
    """Returns settings of 6 updates of batch 4, with `changes`."""
    fields = {
        "num_updates": 6,
        "batch_size": 4,
        "objective": objective(),
        "optimizer": OptimizerConfig(
            learning_rate=1e-3,
            final_learning_rate=1e-3,
            beta_1=0.0,
            beta_2=0.999,
            epsilon=1e-8,
            num_sigmas=3.0,
            ema_decay=0.9,
        ),
        "dtype": "float32",
        "compile": "graph",
        "log_every": 1,
        "image_every": 2,
        "preview_steps": 2,
        "checkpoint_every": 2,
        "keep_checkpoints": 2,
    }
    return TrainConfig(**fields | changes)


def policy(**changes) -> RecoveryConfig:
    """Returns bounds on everything, and a factor on every setting."""
    fields = {
        "max_retries": 2,
        "window": 2,
        "max_gap": 1.0,
        "max_gradient_norm": 5.0,
        "max_saturated_share": 0.9,
        "min_movement": 0.01,
        "steps_factor": 1.5,
        "learning_rate_factor": 0.1,
        "step_size_factor": 0.5,
    }
    return RecoveryConfig(**fields | changes)


def setup(energy, box, config: TrainConfig) -> Setup:
    """Returns the run that an objective is made for, on a plain graph."""
    compiled = functools.partial(tf.function, autograph=False)
    return Setup(energy, box, config.batch_size, config.num_updates, compiled)


def trainer(strategy=None, seed=0, network=NETWORK, **changes) -> Trainer:
    """Returns a new trainer on one CPU device, or under `strategy`."""
    strategy = strategy or tf.distribute.OneDeviceStrategy("/cpu:0")
    config = train_config(**changes)
    with strategy.scope():
        energy = build_energy(network, SHAPE, seed)
        energy = precision.in_dtype(energy, config.dtype)
    return Trainer(energy, PIXELS, config, seed=seed, strategy=strategy)


def batches(first: int, last: int):
    """Yields the batches of updates `first` to `last - 1`: stripes, by update."""
    for update in range(first, last):
        draw = np.random.RandomState(update)
        images = np.zeros((4, *SHAPE), np.uint8)
        images[:, :, draw.randint(8)] = 255
        yield images, draw.randint(0, 10, 4).astype(np.int32)


def state(trained: Trainer) -> list[np.ndarray]:
    """Returns every array that training changes."""
    kept = [] if trained.memory is None else trained.memory.variables
    variables = [*trained.energy.variables, *trained.optimizer.variables, *kept]
    return [v.numpy() for v in variables]


class Poison(keras.callbacks.Callback):
    """Breaks the weights before one update of the first attempts."""

    def __init__(self, trainer, update, retries):
        super().__init__()
        self._trainer, self._update, self._retries = trainer, update, retries

    def on_train_batch_begin(self, batch, logs=None):
        if batch == self._update and self._trainer.retry < self._retries:
            kernel = self._trainer.energy.head.kernel
            kernel.assign(kernel * np.nan)
