"""Terms whose gradient or meaning is not the losses' own alone."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import Box
from ebm_tf.conditions import Classes
from ebm_tf.losses import kl
from ebm_tf.objectives.contrastive import KlConfig, terms
from ebm_tf.objectives.contrastive.terms import Batch, Chain
from ebm_tf.sampling.config import LangevinConfig
from ebm_tf.sampling.langevin import langevin_steps
from tests.ebm_tf.training import small

SEED = rng.make_seed(2)
BOX = Box(low=-9.0, high=9.0, num_levels=None)
CHAIN = LangevinConfig(num_steps=4, step_size=0.2, noise_std=0.3, grad_clip=None)


class _Quartic(keras.Model):
    """E(x) = w * sum(x^4) / 4, in float64."""

    condition_space = None

    def __init__(self, weight):
        super().__init__(name="energy", dtype="float64")
        self.weight = self.add_weight(name="weight", shape=(), dtype="float64")
        self.weight.assign(weight)

    def call(self, x):
        return tf.convert_to_tensor(self.weight) * tf.reduce_sum(x**4, axis=1) / 4


def by_hand(weight, scoring_weight, x, first):
    """The divergence of chains from `x`, steps `first` to the last, in NumPy."""
    for k in range(first, CHAIN.num_steps):
        noise = rng.normal(rng.fold_in(SEED, k), x.shape, tf.float64).numpy()
        y = x + CHAIN.noise_std * noise
        x = y - CHAIN.step_size * weight * y**3
    energy = scoring_weight * (x**4).sum(axis=1).mean() / 4
    return energy - 0.7 * float(kl.nearest_neighbour_entropy(tf.constant(x), 1))


@pytest.mark.parametrize("num_grad_steps", [1, 4])
def test_divergence_against_finite_differences(num_grad_steps):
    settings = KlConfig(
        weight=1.0, entropy_weight=0.7, neighbour=1, num_grad_steps=num_grad_steps
    )
    config = small.train_config(
        objective=small.objective(kl=settings, langevin=CHAIN), batch_size=6
    )
    weight, width, first = 0.8, 1e-5, CHAIN.num_steps - num_grad_steps
    energy = _Quartic(weight)
    start = tf.random.stateless_normal([6, 2], SEED, dtype=tf.float64)
    before = langevin_steps(energy, start, SEED, CHAIN, BOX, first=0, num_steps=first)
    chain = Chain(before, None, None, SEED, CHAIN, {})
    batch = Batch(None, None, chain, None, None, None)
    setup = small.setup(energy, BOX, config)
    with tf.GradientTape() as tape:
        value = terms.chain_divergence(config.objective, setup)(energy, batch, None)
    gradient = float(tape.gradient(value, energy.weight.value))

    x = before.numpy()
    assert float(value) == pytest.approx(by_hand(weight, weight, x, first), rel=1e-9)
    up, down = (by_hand(weight + s * width, weight, x, first) for s in (1, -1))
    assert gradient == pytest.approx((up - down) / (2 * width), rel=1e-5)
    # Had the scoring energy moved too, the gradient would be another.
    up, down = (
        by_hand(weight + s * width, weight + s * width, x, first) for s in (1, -1)
    )
    assert gradient != pytest.approx((up - down) / (2 * width), rel=0.01)


class _Table(keras.Model):
    """E(x, y) = slope[y] * x[0]."""

    condition_space = Classes(3)

    def __init__(self, slope):
        super().__init__(name="energy")
        self.slope = tf.constant(slope)

    def call(self, x, labels):
        return tf.gather(self.slope, labels) * x[:, 0]


def test_classification_compares_the_labels_of_each_datum():
    config = small.train_config(
        objective=small.objective(classifier_weight=1.0), batch_size=2
    )
    energy = _Table([0.0, -1.0, -2.0])
    setup = small.setup(energy, BOX, config)
    term = terms.classification(config.objective, setup)
    data = tf.constant([[math.log(2.0)], [0.0]])
    batch = Batch(data, tf.constant([1, 0]), None, None, None, None)
    # exp(-E) = (1, 2, 4) and (1, 1, 1): p = 2/7 and 1/3.
    np.testing.assert_allclose(
        term(energy, batch, None), -math.log(2 / 21) / 2, rtol=1e-6
    )
