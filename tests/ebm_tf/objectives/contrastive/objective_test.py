"""The loss is the sum of its terms, on one replica and on two."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import Box
from ebm_tf.objectives.contrastive import CONTRASTS
from ebm_tf.objectives.contrastive.objective import global_log_normalizer
from ebm_tf.objectives.contrastive.terms import Batch, Chain
from ebm_tf.training import distribution
from tests.ebm_tf.training import small

BOX = Box(low=-9.0, high=9.0, num_levels=None)


class _Line(keras.Model):
    """E(x) = slope * x[0]."""

    condition_space = None

    def __init__(self):
        super().__init__(name="energy")
        self.slope = self.add_weight(name="slope", shape=())
        self.slope.assign(2.0)

    def call(self, x):
        return tf.convert_to_tensor(self.slope) * x[:, 0]


def make(energy, batch_size, **changes):
    objective = small.objective(**{"l2_weight": 0.5} | changes)
    config = small.train_config(objective=objective, batch_size=batch_size)
    return config.objective.make(small.setup(energy, BOX, config))


def make_batch(energy, data, negatives):
    chain = Chain(negatives, negatives, None, rng.make_seed(0), None, {})
    log_normalizer = global_log_normalizer(energy, chain)
    return Batch(data, None, chain, log_normalizer, None, None)


def loss_and_gradient(strategy, contrast, data, negatives):
    """Returns both, summed over replicas that each have a part of the batch."""
    with strategy.scope():
        energy = _Line()
    objective = make(energy, len(data), contrast=contrast)

    def run(data, negatives):
        batch = make_batch(energy, data, negatives)
        with tf.GradientTape() as tape:
            loss = objective.loss(energy, batch)
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
            contrast,
            data,
            negatives,
        )
        for name in ("one", "cpu:2")
    )
    np.testing.assert_allclose(two, one, rtol=1e-5)


def test_the_total_weighs_the_terms():
    energy = _Line()
    objective = make(energy, 2, gradient_penalty_weight=3.0)
    data, negatives = tf.constant([[1.0], [2.0]]), tf.constant([[0.0], [1.0]])
    loss = objective.loss(energy, make_batch(energy, data, negatives))
    # Energies 2 and 4, 0 and 2: means 3 and 1, mean squares 10 and 2; slope 2.
    terms = {name: float(value) for name, value in loss.terms.items()}
    assert terms == {"cd": 2.0, "l2": 12.0, "gradient_penalty": 4.0}
    assert float(loss.total) == 2.0 + 0.5 * 12.0 + 3.0 * 4.0


def test_an_energy_without_classes_cannot_classify():
    with pytest.raises(ValueError, match="`objective.classifier_weight` must be null"):
        make(_Line(), 2, classifier_weight=1.0)
