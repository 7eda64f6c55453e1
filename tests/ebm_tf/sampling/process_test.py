"""The test-time process of A.2: who starts anew, whose label flips, and when."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.conditions import Classes, NoiseLevel, Several
from ebm_tf.sampling.chain_batches import Target
from ebm_tf.sampling.config import ProcessConfig
from ebm_tf.sampling.process import ReplayProcess
from ebm_tf.types import Step

CONFIG = ProcessConfig(
    capacity=400,
    num_rounds=6,
    steps_per_round=3,
    noise_factor=1.0,
    fresh_prob=0.0,
    flip_prob=0.0,
    num_flip_rounds=4,
    num_final_rounds=2,
)
NUM_CHAINS = 100
FOUR = Classes(4)
LABELS = tf.constant(np.arange(400) % 4, tf.int32)
STORED = np.full((400, 2), 127, np.uint8)


def count_steps(labels):
    """A target whose every step adds 2**-10, so that states tell what befell them."""

    def kernel(energy_fn, x, seed):
        return Step(x + 2.0**-10, tf.ones(tf.shape(x)[:1]))

    return Target(lambda x: tf.reduce_sum(x, -1), lambda k: kernel)


def rounds(
    labels=LABELS,
    stored=STORED,
    index=0,
    target_at=count_steps,
    jit=False,
    space=FOUR,
    **changes,
):
    process = ReplayProcess(
        target_at,
        dataclasses.replace(CONFIG, **changes),
        PIXELS,
        shape=(2,),
        num_chains=NUM_CHAINS,
        condition_space=None if labels is None else space,
        seed=rng.make_seed(3),
        jit=jit,
    )
    return list(process.buffer(index, labels, stored))


@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
@pytest.mark.parametrize("labels", [None, LABELS], ids=["plain", "conditional"])
def test_a_round_moves_as_many_chains_as_it_says_each_once(labels, jit):
    held = rounds(labels, jit=jit)
    assert len(held) == CONFIG.num_rounds
    for before, after in itertools.pairwise(held):
        steps = np.round((after.x - before.x) * 2.0**10)
        assert set(np.unique(steps)) == {0.0, CONFIG.steps_per_round}
        assert np.sum(steps[:, 0] > 0) == NUM_CHAINS
    if labels is None:
        assert held[-1].condition is None
    else:
        np.testing.assert_array_equal(held[-1].condition, labels)  # none was flipped


def share_within(num, count, prob):
    """Whether `count` of `num` fits `prob`, by five standard errors."""
    return abs(count - num * prob) < 5.0 * math.sqrt(num * prob * (1.0 - prob))


def test_chains_start_anew_until_the_final_rounds():
    held = rounds(fresh_prob=0.3)
    anew = []
    for before, after in itertools.pairwise(held):
        steps = np.round((after.x - before.x) * 2.0**10)[:, 0]
        anew.append(int(np.sum((steps != 0) & (steps != CONFIG.steps_per_round))))
    mixing, final = anew[:3], anew[3:]  # the last two of six rounds are final
    assert final == [0, 0]
    assert share_within(3 * NUM_CHAINS, sum(mixing), 0.3)


def test_labels_flip_in_the_first_rounds_alone():
    # A quarter of random labels are what they were.
    held = [LABELS.numpy(), *(h.condition.numpy() for h in rounds(flip_prob=0.4))]
    flips = [int(np.sum(a != b)) for a, b in itertools.pairwise(held)]
    assert flips[4:] == [0, 0] and min(flips[:4]) > 0
    assert share_within(4 * NUM_CHAINS, sum(flips), 0.4 * 0.75)
    few = [h.condition.numpy() for h in rounds(flip_prob=0.4, num_flip_rounds=1)]
    assert np.any(few[0] != LABELS) and all(np.all(f == few[0]) for f in few)


def test_chains_run_at_the_labels_they_have():
    def by_label(labels):
        def kernel(energy_fn, x, seed):
            return Step(tf.cast(labels, tf.float32)[:, None] / 4.0 + 0.0 * x, x[:, 0])

        return Target(lambda x: x[:, 0], lambda k: kernel)

    end = rounds(flip_prob=0.5, target_at=by_label, num_rounds=30)[-1]
    moved = end.x.numpy() * 4.0
    visited = moved[:, 0] == np.floor(moved[:, 0])  # the others hold their start
    assert np.mean(visited) > 0.99
    np.testing.assert_array_equal(moved[visited, 0], end.condition.numpy()[visited])


def test_a_buffer_starts_where_it_is_told_and_depends_on_its_number_alone():
    stored = rounds(num_rounds=2, num_flip_rounds=0)[0].x.numpy()
    assert np.all(np.floor((stored - 3 * 2.0**-10) * 256) <= 127)
    assert stored.min() >= 127 / 256
    noise = rounds(stored=None)[-1].x.numpy()
    assert noise.min() < 0.05 and noise.max() > 0.95
    again = rounds(stored=None)[-1].x
    np.testing.assert_array_equal(again, noise)
    assert np.abs(rounds(stored=None, index=1)[-1].x - noise).max() > 0.1


@pytest.mark.parametrize("jit", [False, True], ids=["graph", "xla"])
def test_several_conditions_are_drawn_anew_together(jit):
    space = Several({"labels": Classes(4), "noise_level": NoiseLevel(0.1, 1.0)})
    begin = {"labels": tf.fill([400], 9), "noise_level": tf.fill([400], 9.0)}
    held = rounds(begin, space=space, jit=jit, flip_prob=0.4, num_rounds=20)
    end = {name: part.numpy() for name, part in held[-1].condition.items()}
    drawn = end["labels"] != 9
    np.testing.assert_array_equal(end["noise_level"] != 9.0, drawn)
    assert 0 < drawn.sum() < 400  # 4 rounds of 100 chains, 0.4 of which flip
    assert set(end["labels"][drawn]) == {0, 1, 2, 3}
    assert end["noise_level"][drawn].min() >= 0.1
    assert end["noise_level"][drawn].max() <= 1.0
