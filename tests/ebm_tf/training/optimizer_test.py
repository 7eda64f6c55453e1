"""The clipped Adam against its definition, update by update, in NumPy."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.training.config import OptimizerConfig
from ebm_tf.training.optimizer import SigmaClippedAdam, make_optimizer


def config(**changes):
    fields = {
        "learning_rate": 0.1,
        "final_learning_rate": 0.1,
        "beta_1": 0.0,
        "beta_2": 0.9,
        "epsilon": 1e-8,
        "num_sigmas": 3.0,
        "ema_decay": None,
    }
    return OptimizerConfig(**fields | changes)


def reference(gradients, num_sigmas=3.0, lr=0.1, beta_1=0.0, beta_2=0.9, eps=1e-8):
    w, m, v = 0.0, 0.0, 0.0
    for t, g in enumerate(gradients, 1):
        bound = num_sigmas * np.sqrt(v / (1 - beta_2**t)) + 0.1
        g = np.clip(g, -bound, bound)
        m = beta_1 * m + (1 - beta_1) * g
        v = beta_2 * v + (1 - beta_2) * g * g
        rate = lr * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        w -= rate * m / (np.sqrt(v) + eps)
    return w


def run(optimizer, gradients, compiled=False):
    w = keras.Variable(0.0)
    optimizer.build([w])
    apply = tf.function(lambda g: optimizer.apply([g], [w])) if compiled else None
    for g in gradients:
        g = tf.constant(g, tf.float32)
        apply(g) if compiled else optimizer.apply([g], [w])
    return float(w.numpy())


def test_updates_are_those_of_the_definition():
    gradients = [0.05, 0.2, -0.1, 50.0, 0.1, -30.0]  # two far outliers
    expected = reference(gradients)
    np.testing.assert_allclose(
        run(make_optimizer(config(), 10), gradients), expected, 1e-5
    )
    np.testing.assert_allclose(
        run(make_optimizer(config(), 10), gradients, compiled=True), expected, 1e-5
    )
    unclipped = reference(gradients, num_sigmas=1e9)
    assert abs(unclipped - expected) > 0.01  # the clip matters here


def test_the_first_gradient_is_bounded_by_the_floor():
    # Adam's first step is lr * sign(g) whatever the size; the moment shows the clip.
    optimizer = make_optimizer(config(), 10)
    run(optimizer, [50.0])
    np.testing.assert_allclose(optimizer._velocities[0].numpy(), 0.1 * 0.1**2, 1e-5)


def test_without_a_bound_it_is_keras_adam():
    optimizer = make_optimizer(config(num_sigmas=None), 10)
    assert type(optimizer) is keras.optimizers.Adam
    np.testing.assert_allclose(
        run(optimizer, [0.05, 50.0]), reference([0.05, 50.0], num_sigmas=1e9), 1e-5
    )


def test_it_survives_keras_serialization():
    optimizer = make_optimizer(config(), 10)
    copy = keras.optimizers.deserialize(keras.optimizers.serialize(optimizer))
    assert isinstance(copy, SigmaClippedAdam)
    assert copy.get_config() == optimizer.get_config()


def test_the_learning_rate_ends_where_it_should():
    optimizer = make_optimizer(config(final_learning_rate=0.01), 4)
    rates = []
    w = keras.Variable(0.0)
    optimizer.build([w])
    for _ in range(5):
        rates.append(float(optimizer.learning_rate))
        optimizer.apply([tf.constant(0.1)], [w])
    # 0.01 + 0.09 * (1 + cos(pi t / 4)) / 2
    expected = 0.01 + 0.045 * (1 + np.cos(np.pi * np.arange(5) / 4))
    np.testing.assert_allclose(rates, expected, rtol=1e-5)


def test_the_average_of_weights_is_the_exponential_one():
    optimizer = make_optimizer(config(ema_decay=0.5, num_sigmas=None), 10)
    w = keras.Variable(0.0)
    optimizer.build([w])
    seen = []
    for _ in range(3):
        optimizer.apply([tf.constant(1.0)], [w])
        seen.append(float(w.numpy()))
    average = seen[0]  # the first update replaces the start
    for value in seen[1:]:
        average = 0.5 * average + 0.5 * value
    optimizer.finalize_variable_values([w])
    np.testing.assert_allclose(float(w.numpy()), average, rtol=1e-5)


@pytest.mark.parametrize("num_sigmas", [None, 3.0])
def test_an_average_from_zero_is_the_weighted_mean_of_the_weights(num_sigmas):
    settings = config(ema_decay=0.9, ema_start="zeros", num_sigmas=num_sigmas)
    optimizer = make_optimizer(settings, 10)
    w = keras.Variable(7.0)
    optimizer.build([w])
    optimizer.finalize_variable_values([w])
    assert float(w.numpy()) == 7.0  # of no update there is no mean
    seen = []
    for _ in range(3):
        optimizer.apply([tf.constant(1.0)], [w])
        seen.append(float(w.numpy()))
    # Weights 0.081, 0.09, 0.1: each update's over 1 - 0.9^3 = 0.271.
    expected = (0.081 * seen[0] + 0.09 * seen[1] + 0.1 * seen[2]) / 0.271
    optimizer.finalize_variable_values([w])
    np.testing.assert_allclose(float(w.numpy()), expected, rtol=1e-5)
    # Keras's own would give the first 0.81 in place of 0.30.
    assert abs(expected - (0.81 * seen[0] + 0.09 * seen[1] + 0.1 * seen[2])) > 0.01


def test_either_average_is_kept_under_the_same_names():
    names = []
    for start in ("zeros", "first_weights"):
        optimizer = make_optimizer(config(ema_decay=0.9, ema_start=start), 10)
        optimizer.build([keras.Variable(0.0, name="w")])
        names.append([variable.path for variable in optimizer.variables])
    assert sorted(names[0]) == sorted(names[1])
