"""Frames of chains, beside what the library says of the same."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy.build import bind_condition
from ebm_tf.sampling.driver import run_chain
from pipeline.demo_page import chains
from pipeline.demo_page.request import Hole
from tests.pipeline.demo_page.conftest import asked

NUM = 4


def frames(subject, request):
    """Returns the frames that are shown."""
    return [frame for frame in chains.frames(subject, request) if frame is not None]


def test_frames_are_the_chains_of_the_library(points):
    found = frames(points, asked(points))
    assert [frame.step for frame in found] == list(range(7))
    start_seed, chain_seed, *_ = rng.split(rng.make_seed(3), 4)
    x = points.space.noise(start_seed, (16, 2))
    np.testing.assert_array_equal(found[0].states, x)
    kernel_at = points.sampler.kernel_at(points.space)
    whole = run_chain(kernel_at, points.energy, x, chain_seed, num_steps=6)
    np.testing.assert_allclose(found[-1].states, whole.x, rtol=1e-4, atol=1e-5)
    energies = points.energy(tf.constant(found[-1].states))
    np.testing.assert_allclose(found[-1].energies, energies, rtol=1e-4, atol=1e-5)
    assert found[-1].temperature == pytest.approx(0.1**2 / (2 * 0.02))
    assert found[-1].accept_prob is None


def test_a_landscape_holds_the_energies_of_its_places(points):
    land = frames(points, asked(points))[0].landscape
    assert land.energies.shape == (96, 96)
    np.testing.assert_allclose(land.low, [1 - 7, -1 - 7], rtol=1e-6)
    np.testing.assert_allclose(land.high, [1 + 7, -1 + 7], rtol=1e-6)
    corners = [land.low, land.high, [land.high[0], land.low[1]]]
    wanted = points.energy(tf.constant(np.float32(corners)))
    rows, columns = [-1, 0, -1], [0, -1, -1]  # the first row is the highest y
    found = land.energies[rows, columns]
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_long_chains_have_a_bounded_number_of_frames():
    for num_steps in (1, 59, 60, 61, 12_345):
        steps = chains.frame_steps(num_steps)
        assert len(steps) <= chains.MAX_FRAMES + 1
        assert {0, num_steps} <= steps
    assert len(chains.frame_steps(1000, 2**22)) == 9  # 8 of them are 32 MiB
    assert chains.frame_steps(1000, 2**40) == {0, 1000}


def test_energies_are_those_before_the_temperature(points):
    cold = asked(points, temperature=0.5)
    warm, found = frames(points, asked(points)), frames(points, cold)
    np.testing.assert_array_equal(found[0].energies, warm[0].energies)
    # A step moves from y, the start with noise, down the slope there; twice as far.
    y = tf.constant(2.0 * warm[1].states - found[1].states)
    with tf.GradientTape() as tape:
        tape.watch(y)
        energy = tf.reduce_sum(points.energy(y))
    moved = points.sampler.step_size * tape.gradient(energy, y).numpy()
    assert np.abs(moved).max() > 1e-3
    difference = warm[1].states - found[1].states
    np.testing.assert_allclose(difference, moved, rtol=1e-3, atol=1e-5)
    assert found[0].temperature == pytest.approx(warm[0].temperature / 2)


def test_chains_that_are_accepted_or_rejected_say_how_often(points):
    found = frames(points, asked(points, "mala"))
    assert 0.0 < found[-1].accept_prob <= 1.0


def test_classes_are_in_turn_or_one(images):
    request = asked(images)
    turn = frames(images, request)[0]
    two = frames(images, dataclasses.replace(request, label=2))[0]
    np.testing.assert_array_equal(turn.states, two.states)
    assert turn.energies[2] == pytest.approx(two.energies[2], rel=1e-5)
    assert abs(turn.energies[0] - two.energies[0]) > 1e-3


def test_what_is_known_stays_and_the_rest_moves(images, levels):
    random = np.random.default_rng(0)
    known = random.integers(0, 256, (8, 8, 1)).astype(np.uint8)
    is_unknown = np.zeros((8, 8, 1), bool)
    is_unknown[4:] = True
    hole = Hole(known=known, is_unknown=is_unknown)
    for subject in (images, levels):
        request = asked(subject, hole=hole, label=1)
        request = dataclasses.replace(request, sampler=chains.filling(request.sampler))
        for frame in frames(subject, request):
            rest = np.broadcast_to(known, frame.states.shape)[:, :4]
            np.testing.assert_array_equal(frame.states[:, :4], rest)
        ends = frame.states[:, 4:].astype(int)
        assert np.abs(ends[0] - ends[1]).max() > 10


def test_two_classes_are_joined_at_every_level(levels):
    rows = tf.constant(levels.space.noise(rng.make_seed(5), (NUM, 8, 8, 1)))

    def of(label):
        condition = {
            "labels": tf.fill([NUM], label),
            "noise_level": tf.fill([NUM], 0.3),
        }
        return bind_condition(levels.energy, condition)(rows).numpy()

    one, two = of(0), of(2)
    wanted = {
        "and": 0.5 * (one + two),
        "not": 1.5 * one - 0.5 * two,
        "or": -np.logaddexp(-one, -two),
    }
    for rule, energies in wanted.items():
        request = asked(levels, "langevin", label=0, second=2, rule=rule)
        # Langevin steps at temperature 1, so that "or" is the mixture.
        target = chains.Target(levels, request)
        np.testing.assert_allclose(target.energy(rows), energies, rtol=2e-4)
        down = chains.Target(levels, asked(levels, label=0, second=2, rule=rule))
        at_level = down.energy.at_level(0.3)
        np.testing.assert_allclose(at_level(rows), energies, rtol=2e-4)


def test_levels_fall_to_the_last_one(levels):
    found = frames(levels, asked(levels, label=0))
    heights = [frame.level for frame in found]
    assert heights[0] == pytest.approx(2.0) and heights[-1] == pytest.approx(0.02)
    assert heights == sorted(heights, reverse=True)
    stay = frames(levels, asked(levels, "langevin", label=0, level=0.5))
    assert {frame.level for frame in stay} == {0.5}


def test_chains_that_are_lost_are_one_line(points):
    sampler = dataclasses.replace(points.sampler, noise_std=3e38)
    with pytest.raises(ValueError, match="`step size` must be such that chains stay"):
        frames(points, asked(points, sampler=sampler))
