"""The loss is the sum of its terms, on one replica and on two."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.losses.config import CONTRASTS, ContrastiveConfig
from ebm_tf.training import distribution
from ebm_tf.training.objective import Batch, Objective


class _Line(keras.Model):
    """E(x) = slope * x[0]."""

    num_classes = None

    def __init__(self):
        super().__init__(name="energy")
        self.slope = self.add_weight(name="slope", shape=())
        self.slope.assign(2.0)

    def call(self, x):
        return tf.convert_to_tensor(self.slope) * x[:, 0]


def settings(**changes):
    return ContrastiveConfig(**{"contrast": "cd", "l2_weight": 0.5} | changes)


def loss_and_gradient(strategy, config, data, negatives):
    """Returns both, summed over replicas that each have a part of the batch."""
    with strategy.scope():
        energy = _Line()
    objective = Objective(energy, config, len(data))

    def run(data, negatives):
        batch = Batch(data, None, negatives, None)
        log_normalizer = objective.log_normalizer(batch)
        with tf.GradientTape() as tape:
            loss = objective(batch, log_normalizer)
        return loss.total, tape.gradient(loss.total, energy.slope.value)

    parts = [distribution.shard(strategy, x) for x in (data, negatives)]
    results = tf.function(strategy.run, autograph=False)(run, args=tuple(parts))
    return [float(strategy.reduce("SUM", x, axis=None)) for x in results]


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_two_replicas_have_the_loss_and_the_gradient_of_one(contrast):
    # Replicas that differ much: each's own normalizer would be far from the global.
    data = np.array([[0.0], [1.0], [0.5], [0.2]], np.float32)
    negatives = np.array([[0.0], [0.3], [2.0], [3.0]], np.float32)
    one, two = (
        loss_and_gradient(
            distribution.make_strategy(name),
            settings(contrast=contrast),
            data,
            negatives,
        )
        for name in ("one", "cpu:2")
    )
    np.testing.assert_allclose(two, one, rtol=1e-5)


def test_the_total_weighs_the_terms():
    objective = Objective(_Line(), settings(), 2)
    batch = Batch(tf.constant([[1.0], [2.0]]), None, tf.constant([[0.0], [1.0]]), None)
    loss = objective(batch, objective.log_normalizer(batch))
    # Energies 2 and 4, 0 and 2: means 3 and 1, mean squares 10 and 2.
    assert {k: float(v) for k, v in loss.terms.items()} == {"contrast": 2.0, "l2": 12.0}
    assert float(loss.total) == 2.0 + 0.5 * 12.0
