"""Predictors of unknown moments on trajectories that they must get right."""

import numpy as np

from ebm_tf.studies.trajectories import predictors


def _lines(num, seed):
    """Straight lines of two numbers at five moments."""
    ends = np.random.default_rng(seed).normal(size=[2, num, 1, 2])
    time = np.arange(5.0)[:, None]
    return (ends[0] + time * ends[1]).astype(np.float32)


def test_lines_are_found_from_their_ends():
    train, test = _lines(50, 0), _lines(9, 1)
    is_known = predictors.known_moments(5, 1, 1)
    assert is_known.tolist() == [True, False, False, False, True]
    found = predictors.predictions(train, test, is_known, 3)
    for name in ("linear", "straight line"):
        np.testing.assert_allclose(found[name], test[:, 1:4], atol=1e-4)
    apart = np.square(train[:, [0, 4]] - test[:1, [0, 4]]).sum(axis=(1, 2))
    order = np.argsort(apart)
    np.testing.assert_allclose(found["nearest"][0], train[order[0], 1:4], atol=1e-6)
    some = train[order[:3], 1:4].mean(axis=0)
    np.testing.assert_allclose(found["neighbours"][0], some, atol=1e-6)
    np.testing.assert_allclose(found["mean"][0], train[:, 1:4].mean(axis=0), atol=1e-6)


def test_of_a_start_alone_the_straight_line_stays():
    test = _lines(4, 2)
    is_known = predictors.known_moments(5, 2, 0)
    found = predictors.predictions(_lines(50, 0), test, is_known, 3)
    np.testing.assert_array_equal(found["straight line"], test[:, [1, 1, 1]])
    np.testing.assert_allclose(found["linear"], test[:, 2:], atol=1e-4)
    is_known = predictors.known_moments(5, 0, 1)
    found = predictors.predictions(_lines(50, 0), test, is_known, 3)
    np.testing.assert_array_equal(found["straight line"], test[:, [4] * 4])


def test_the_linear_law_of_a_turn_is_exact_and_noise_is_off_it():
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    states = [np.random.default_rng(0).normal(size=[40, 2])]
    for _ in range(4):
        states.append(states[-1] @ turn)
    x = np.stack(states, axis=1)
    law = predictors.LinearLaw(x[:30])
    assert law.errors(x[30:]).max() < 1e-6
    assert law.errors(np.random.default_rng(1).normal(size=[9, 5, 2])).min() > 0.3
