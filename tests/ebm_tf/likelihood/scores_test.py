"""Scores are monotone, finite, and as steep as they say."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import Box
from ebm_tf.likelihood.scores import Logits, NormalScores, histogram_edges

BOX = Box(low=-1.0, high=3.0, num_levels=4)
COUNTS = np.array([[5, 1, 1, 3], [0, 0, 7, 0]])


def edges(smoothing=0.5):
    return histogram_edges(COUNTS, smoothing)


MAPS = {"logits": Logits(BOX), "normal": NormalScores(tf.constant(edges()), BOX)}


def states(num=200):
    x = np.random.default_rng(0).uniform(-0.999, 2.999, (num, 2))
    return tf.constant(x, tf.float32)


@pytest.mark.parametrize("name", MAPS)
def test_states_come_back(name):
    x = states()
    back = MAPS[name].states(MAPS[name].scores(x))
    assert back.numpy() == pytest.approx(x.numpy(), abs=1e-5)


@pytest.mark.parametrize("name", MAPS)
def test_slope_is_that_of_the_scores(name):
    x, score_map = states(), MAPS[name]
    with tf.GradientTape() as tape:
        tape.watch(x)
        v = score_map.scores(x)
    slope = tape.gradient(v, x).numpy()
    assert np.all(slope > 0)
    assert score_map.log_slope(x, v).numpy() == pytest.approx(np.log(slope), abs=2e-3)


@pytest.mark.parametrize("name", MAPS)
def test_slope_back_is_the_inverse(name):
    score_map = MAPS[name]
    x = states()
    v = score_map.scores(x)
    with tf.GradientTape() as tape:
        tape.watch(v)
        y = score_map.states(v)
    back = np.log(tape.gradient(y, v).numpy())
    assert back == pytest.approx(-score_map.log_slope(x, v).numpy(), abs=2e-3)


@pytest.mark.parametrize("name", MAPS)
def test_edges_of_the_box_have_finite_scores(name):
    x = tf.constant([[-1.0, 3.0], [3.0, -1.0]])
    assert np.isfinite(MAPS[name].scores(x)).all()


def test_logits_are_those_of_the_place_in_the_box():
    found = MAPS["logits"].scores(tf.constant([[1.0, 2.0]])).numpy()
    assert found[0] == pytest.approx([0.0, np.log(3.0)], abs=1e-6)


def test_normal_scores_of_a_histogram():
    """Of 10 + 4 * 0.5 counts 5.5 lie in the first bin, and half of it below -0.5."""
    v = MAPS["normal"].scores(tf.constant([[-0.5, 0.0]])).numpy()
    part = np.array([[0.5 * 5.5 / 12, 0.5 / 9]])
    assert tf.math.erfc(-v / np.sqrt(2)).numpy() / 2 == pytest.approx(part, abs=1e-6)


def test_edges_rise_from_0_to_1():
    found = edges(smoothing=1e-3)
    assert found.dtype == np.float32 and found.shape == (2, 5)
    assert np.all(np.diff(found, axis=1) > 0)
    assert np.all(found[:, 0] == 0) and np.all(found[:, -1] == 1)
