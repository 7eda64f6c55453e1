"""Shapes, ranges and numbers of states, conditions and energies, where they come in."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import box, rng, state_checks
from ebm_tf.conditions import Classes, Numbers, Several
from ebm_tf.likelihood.annealing import bridge
from ebm_tf.likelihood.base import Uniform
from ebm_tf.sampling.hmc import hmc_step
from ebm_tf.sampling.langevin import energy_gradient

SHAPE = (28, 28, 1)


@pytest.mark.parametrize(
    "x, text",
    [
        (tf.zeros((4, 28, 28)), "states of shape [B, 28, 28, 1]"),
        (tf.zeros((4, 28, 28, 3)), "Received: x='[4, 28, 28, 3]'"),
        (tf.zeros(SHAPE), "states of shape"),
        (tf.zeros(()), "states of shape"),
        (np.zeros((4, *SHAPE), np.uint8), "must be floats"),
        ([0.0], "must be a tensor or an array. Received: list"),
    ],
)
def test_states_of_another_shape_are_refused(x, text):
    with pytest.raises((ValueError, TypeError)) as caught:
        state_checks.require_states(x, SHAPE)
    assert text in str(caught.value)


def test_states_of_a_shape_known_in_part_pass():
    for shape in ((None, *SHAPE), (2, 28, None, 1), None):
        state_checks.require_states(tf.TensorSpec(shape), SHAPE)
    with pytest.raises(ValueError, match="states of shape"):
        state_checks.require_states(tf.TensorSpec((None, 28, None)), SHAPE)


@pytest.mark.parametrize(
    "space, condition",
    [
        (Classes(3), np.zeros(3, int)),
        (Classes(3), np.zeros((4, 1), int)),
        (Classes(3), [0, 1]),
        (Numbers(2), np.zeros((4, 3))),
        (
            Several({"labels": Classes(3), "noise_level": Numbers(1)}),
            {"labels": np.zeros(4, int), "noise_level": np.zeros((3, 1))},
        ),
    ],
)
def test_a_condition_has_a_row_for_each_state(space, condition):
    with pytest.raises(ValueError, match="as of B = 4 states"):
        state_checks.require_conditions(space, condition, tf.zeros((4, 2)))


def test_what_fits_passes():
    x = tf.zeros((4, 2))
    state_checks.require_conditions(None, None, x)
    state_checks.require_conditions(Classes(3), [0, 1, 2, 0], x)
    state_checks.require_energies(tf.zeros(4), x)


COLUMN = {
    "[B, 1]": lambda x: tf.reduce_sum(x**2, axis=1, keepdims=True),
    "a scalar": lambda x: tf.reduce_sum(x**2),
    "[B, d]": lambda x: x**2,
}


@pytest.mark.parametrize("name", COLUMN)
def test_energies_of_another_shape_are_refused_by_every_kernel(name):
    energy_fn, x, seed = COLUMN[name], tf.ones((4, 2)), rng.make_seed(0)
    base = Uniform(box.UNIT, (2,))
    for call in (
        lambda: energy_gradient(energy_fn, x),
        lambda: hmc_step(energy_fn, x, seed, step_size=0.1, num_leapfrog=1),
        lambda: bridge(base, energy_fn, tf.constant(0.5))(x),
    ):
        with pytest.raises(ValueError, match=r"`energy_fn` must be a function that"):
            call()


@pytest.mark.parametrize(
    "space, stored, text",
    [
        (box.UNIT, np.full((2, 3), 1.5, np.float32), "within [0, 1]"),
        (box.UNIT, np.full((2, 3), -0.1, np.float32), "Received: stored='-0.1"),
        (box.UNIT, np.full((2, 3), np.nan, np.float32), "finite"),
        (box.UNIT, np.zeros((2, 3), np.uint8), "must be float32"),
        (box.PIXELS, np.zeros((2, 3), np.float32), "must be uint8"),
        (
            box.Box(low=0.0, high=1.0, num_levels=4),
            np.full((2, 3), 4, np.uint8),
            "within [0, 3]",
        ),
        (
            box.OpenSpace(mean=(0.0, 0.0), std=1.0),
            np.zeros((2, 3), np.float32),
            "Received: 2 numbers",
        ),
        (box.OpenSpace(mean=0.0, std=1.0), np.full((2, 3), np.inf, np.float32), "fin"),
    ],
)
def test_stored_states_lie_in_their_space(space, stored, text):
    with pytest.raises((ValueError, TypeError)) as caught:
        state_checks.require_stored(space, stored)
    assert text in str(caught.value)


def test_stored_states_within_pass():
    state_checks.require_stored(box.PIXELS, np.full((2, 3), 255, np.uint8))
    state_checks.require_stored(box.UNIT, np.array([[0.0, 1.0]], np.float32))
    state_checks.require_stored(box.UNIT, np.zeros((0, 3), np.float32))
