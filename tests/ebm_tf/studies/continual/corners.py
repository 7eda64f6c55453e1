"""Four classes in two tasks: one corner of the square is bright, by class."""

import numpy as np

from ebm_tf.energy.networks.class_mlp import ClassMlpConfig
from ebm_tf.objectives.contrastive import ContrastiveConfig
from ebm_tf.sampling.config import LangevinConfig, ReplayConfig
from ebm_tf.studies.continual import ContinualConfig
from tests.ebm_tf.studies import known

CORNERS = 0.8 * np.eye(4, dtype=np.float32).reshape(4, *known.SHAPE) + 0.1
CONFIG = ContinualConfig(
    num_seeds=2,
    num_test=40,
    batch_size=8,
    network=ClassMlpConfig(num_classes=4, width=8),
    objective=ContrastiveConfig(
        contrast="cd",
        l2_weight=1.0,
        langevin=LangevinConfig(num_steps=2, step_size=0.3, noise_std=0.01),
        replay=ReplayConfig(
            capacity=16, fresh_prob=0.3, labels="data", write="in_place"
        ),
    ),
)


def corners(name):
    """Returns states of a split, and their classes."""
    num = 320 if name == "train" else 40
    labels = np.arange(num, dtype=np.int32) % 4
    noise = np.random.default_rng(len(name)).normal(0.0, 0.02, [num, *known.SHAPE])
    return np.clip(CORNERS[labels] + noise, 0.0, 1.0).astype(np.float32), labels


def subject(folder):
    """Returns a subject without a model, whose examples are in a folder."""
    return known.subject(None, examples=known.examples(folder, made=corners))
