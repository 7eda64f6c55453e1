"""Slots, labels, fresh noise and the two ways of writing, by hand counts."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS, UNIT, Box
from ebm_tf.conditions import Classes, NoiseLevel, Numbers, Several
from ebm_tf.sampling.config import AugmentConfig, ReplayConfig
from ebm_tf.sampling.replay import ReplayBuffer, Replicas
from ebm_tf.sampling.reservoir import reservoir_slots
from ebm_tf.sampling.slots import joined

SEED = rng.make_seed(5)


def make(labels=None, replicas=1, box=PIXELS, shape=(2, 2, 1), **changes):
    fields = {
        "capacity": 8,
        "fresh_prob": 0.0,
        "labels": "data",
        "write": "in_place",
        "augment": None,
    }
    return ReplayBuffer(
        shape,
        box,
        ReplayConfig(**fields | changes),
        condition_space=labels,
        replicas=Replicas(devices=["/cpu:0"] * replicas, first=0, total=replicas),
        seed=SEED,
    )


def test_it_begins_as_uniform_noise():
    buffer = make(capacity=10_000)
    states = buffer.variables[0].numpy()
    # 40,000 levels uniform on 0..255: mean 127.5, standard deviation 73.9.
    assert abs(states.mean() - 127.5) < 5 * 73.9 / math.sqrt(states.size)
    assert states.min() == 0 and states.max() == 255


def test_written_states_come_back_within_their_bin():
    buffer = make()
    x = tf.random.stateless_uniform([8, 2, 2, 1], [1, 2])
    buffer.part(0).write(tf.range(8), x, None, SEED)
    drawn = buffer.part(0).draw(SEED, 8)
    assert sorted(drawn.slots.numpy()) == list(range(8))
    difference = np.abs(drawn.x.numpy() - x.numpy()[drawn.slots.numpy()])
    assert difference.max() <= 1.0 / 256.0
    assert difference.max() > 0.0  # dequantized, not the stored floor


def test_float_states_come_back_as_they_are():
    plane = Box(low=-3.0, high=3.0, num_levels=None)
    buffer = make(box=plane, shape=(2,))
    x = tf.random.stateless_uniform([8, 2], [1, 2], -3.0, 3.0)
    buffer.part(0).write(tf.range(8), x, None, SEED)
    drawn = buffer.part(0).draw(SEED, 4)
    np.testing.assert_array_equal(drawn.x, tf.gather(x, drawn.slots))


def test_in_place_changes_the_drawn_slots_alone():
    buffer = make()
    before = buffer.variables[0].numpy()
    drawn = buffer.part(0).draw(SEED, 3)
    buffer.part(0).write(drawn.slots, tf.ones([3, 2, 2, 1]), None, SEED)
    after, slots = buffer.variables[0].numpy(), drawn.slots.numpy()
    assert (after[slots] == 255).all()
    others = np.setdiff1d(np.arange(8), slots)
    np.testing.assert_array_equal(after[others], before[others])


def test_ring_overwrites_the_oldest_and_wraps():
    buffer = make(write="ring")
    for k in range(1, 4):  # 3 batches of 3 into 8 slots: the last one wraps
        x = tf.fill([3, 2, 2, 1], k / 256.0 + 1e-4)
        buffer.part(0).write(tf.zeros([3], tf.int32), x, None, SEED)
    levels = buffer.variables[0].numpy()[:, 0, 0, 0]
    np.testing.assert_array_equal(levels, [3, 1, 1, 2, 2, 2, 3, 3])


@pytest.mark.parametrize("num_before", [0, 8, 40, 10**9])
def test_the_reservoir_writes_what_it_keeps_and_nothing_else(num_before):
    buffer = make(write="reservoir", labels=Classes(4))
    buffer.parts["0"]["num_written"].assign(num_before)
    held = joined(buffer.parts)
    states, labels = held["states"], held["labels"]
    x = tf.range(1.0, 5.0)[:, None, None, None] / 8.0 * tf.ones([4, 2, 2, 1])
    for number in range(6):
        seed = rng.make_seed(number)
        done = tf.constant(num_before + 4 * number, tf.int64)
        slots = reservoir_slots(seed, done, 4, 8).numpy()
        buffer.part(0).write(tf.range(4), x, tf.range(4), seed)
        for row, slot in enumerate(slots):
            if slot >= 0:
                states[slot], labels[slot] = 32 * (row + 1), row
    found = joined(buffer.parts)
    np.testing.assert_array_equal(found["states"], states)
    np.testing.assert_array_equal(found["labels"], labels)


def test_share_of_fresh_noise():
    prob, num = 0.05, 10_000
    buffer = make(capacity=num, fresh_prob=prob)
    buffer.part(0).write(tf.range(num), tf.zeros([num, 2, 2, 1]), None, SEED)
    x = buffer.part(0).draw(SEED, num).x.numpy()
    fresh = (x.reshape(num, -1).max(axis=1) > 1.0 / 256.0).mean()
    error = 5 * math.sqrt(prob * (1 - prob) / num)
    assert error < 0.02  # sees 5 % against 3 or 7
    assert abs(fresh - prob) < error


def test_labels_are_kept_with_their_states():
    buffer = make(labels=Classes(4))
    labels = tf.constant([0, 1, 2, 3, 0, 1, 2, 3])
    x = tf.cast(labels, tf.float32)[:, None, None, None] / 4.0 * tf.ones([8, 2, 2, 1])
    buffer.part(0).write(tf.range(8), x, labels, SEED)
    drawn = buffer.part(0).draw(SEED, 8)
    np.testing.assert_array_equal(np.floor(4 * drawn.x[:, 0, 0, 0]), drawn.condition)


def test_labels_of_numbers_are_kept_and_drawn_anew_for_fresh_noise():
    buffer = make(labels=Numbers(2), fresh_prob=0.5, capacity=1000)
    first = joined(buffer.parts)["labels"]
    assert first.shape == (1000, 2) and first.dtype == np.float32
    x, labels = tf.ones([1000, 2, 2, 1]), tf.fill([1000, 2], 2.0)
    buffer.part(0).write(tf.range(1000), x, labels, SEED)
    drawn = buffer.part(0).draw(SEED, 1000)
    kept = (drawn.condition.numpy() == 2.0).all(axis=1)
    old = (drawn.x.numpy() > 255 / 256).all(axis=(1, 2, 3))
    np.testing.assert_array_equal(kept, old)
    assert abs(kept.mean() - 0.5) < 5 * math.sqrt(0.25 / 1000)
    assert drawn.condition.numpy()[~kept].max() < 1.0


def test_replicas_have_parts_of_their_own():
    buffer = make(replicas=2)
    assert [buffer.part(r).num_slots for r in (0, 1)] == [4, 4]
    first, second = buffer.part(0).states(4).numpy(), buffer.part(1).states(4).numpy()
    assert (first != second).any()
    buffer.part(1).write(tf.range(4), tf.ones([4, 2, 2, 1]), None, SEED)
    np.testing.assert_array_equal(buffer.part(0).states(4), first)
    assert (buffer.part(1).states(4).numpy() == 255.5 / 256).all()


def test_slots_are_divided_as_evenly_as_may_be():
    buffer = make(replicas=32, capacity=10_000, shape=(1,), box=UNIT, write="ring")
    sizes = [part["states"].shape[0] for part in buffer.parts.values()]
    assert sizes == [313] * 16 + [312] * 16
    buffer.part(31).write(tf.zeros([313], tf.int32), tf.ones([313, 1]), None, SEED)
    assert buffer.parts["31"]["next_slot"].numpy() == 1  # 313 into 312 slots
    with pytest.raises(ValueError, match="at least the number of replicas, 9.*=8"):
        make(replicas=9)


def test_parts_of_unequal_size_are_divided_anew_and_come_back():
    three, five = (
        make(labels=Classes(3), replicas=n, write="ring", capacity=11) for n in (3, 5)
    )
    states = joined(three.parts)["states"]
    saved = [{n: v.numpy() for n, v in part.items()} for part in three.parts.values()]
    five.fill(saved)
    assert [p["states"].shape[0] for p in five.parts.values()] == [3, 2, 2, 2, 2]
    assert (joined(five.parts)["states"] != states).any()
    five_saved = [{n: v.numpy() for n, v in p.items()} for p in five.parts.values()]
    three.fill(five_saved)
    for part, before in zip(three.parts.values(), saved, strict=True):
        for name in ("states", "labels"):
            np.testing.assert_array_equal(part[name], before[name])


def test_draws_repeat_with_their_seed_and_differ_between_seeds():
    buffer = make(fresh_prob=0.5)
    one, two = buffer.part(0).draw(SEED, 4), buffer.part(0).draw(SEED, 4)
    np.testing.assert_array_equal(one.x, two.x)
    other = buffer.part(0).draw(rng.make_seed(6), 4)
    assert (one.x.numpy() != other.x.numpy()).any()


def test_parts_of_a_ring_are_divided_anew_in_order_of_age():
    one, two = make(write="ring"), make(write="ring", replicas=2)
    for k in range(10):  # of the 8 slots, 0 and 1 are written twice
        one.part(0).write(
            tf.range(1), tf.fill([1, 2, 2, 1], (k + 0.5) / 256), None, SEED
        )
    saved = {n: v.numpy() for n, v in one.parts["0"].items()}
    two.fill([saved])
    levels = [two.parts[r]["states"].numpy()[:, 0, 0, 0].tolist() for r in ("0", "1")]
    assert levels == [[2, 4, 6, 8], [3, 5, 7, 9]]
    halves = [{n: v.numpy() for n, v in two.parts[r].items()} for r in ("0", "1")]
    one.fill(halves)
    assert one.parts["0"]["states"].numpy()[:, 0, 0, 0].tolist() == list(range(2, 10))
    one.part(0).write(tf.range(1), tf.ones([1, 2, 2, 1]), None, SEED)  # over the oldest
    assert one.parts["0"]["states"].numpy()[0, 0, 0, 0] == 255


def test_labels_go_with_their_states_to_other_replicas():
    one, two = make(labels=Classes(3)), make(labels=Classes(3), replicas=2)
    held = joined(one.parts)
    states, labels = held["states"], held["labels"]
    two.fill([{**held, "next_slot": np.int32(0)}])
    for replica in (0, 1):
        part = two.parts[str(replica)]
        np.testing.assert_array_equal(part["states"], states[replica::2])
        np.testing.assert_array_equal(part["labels"], labels[replica::2])


def test_a_buffer_of_another_size_is_not_taken_over():
    saved = {n: v.numpy() for n, v in make(capacity=16).parts["0"].items()}
    with pytest.raises(ValueError, match="`replay.capacity` must be that of the saved"):
        make().fill([saved])


def test_a_reservoir_keeps_the_whole_past_evenly():
    # A stream of numbers in batches, and no number kept twice.
    capacity, batch, num_batches = 1000, 500, 8
    line = Box(low=0.0, high=10_000.0, num_levels=None)
    buffer = make(box=line, shape=(1,), write="reservoir", capacity=capacity)
    unused = tf.zeros([batch], tf.int32)
    for k in range(num_batches):
        x = tf.range(k * batch, (k + 1) * batch, dtype=tf.float32)[:, None]
        buffer.part(0).write(unused, x, None, rng.fold_in(SEED, k))
    kept = buffer.variables[0].numpy()[:, 0]
    assert len(np.unique(kept)) == capacity
    assert (kept == np.floor(kept)).all()  # none of the noise it began with
    counts = np.histogram(kept, num_batches, (0, num_batches * batch))[0]
    # Hypergeometric: 125 of each batch, give or take sqrt(1000 / 8 * 7/8 * 3/4) = 9.
    error = 4 * math.sqrt(capacity / 8 * 7 / 8 * (1 - capacity / 4000))
    assert error < 40  # a ring would keep 500 of each of the last two batches
    assert abs(counts - capacity / num_batches).max() < error


def test_stored_images_are_augmented_and_noise_is_not():
    mirror = AugmentConfig(prob=1.0, flip=True, max_shift=0, border="edge")
    for fresh_prob in (0.0, 1.0):
        plain = make(fresh_prob=fresh_prob, capacity=64)
        changing = make(fresh_prob=fresh_prob, capacity=64, augment=mirror)
        one, two = plain.part(0).draw(SEED, 64), changing.part(0).draw(SEED, 64)
        same = (one.x == two.x).numpy().all(axis=(1, 2, 3))
        if fresh_prob:
            assert same.all()
        else:
            # Half of 64 are mirrored, give or take 4.
            assert abs(same.sum() - 32) < 16
            mirrored = (one.x[:, :, ::-1] == two.x).numpy().all(axis=(1, 2, 3))
            assert (same | mirrored).all()


def test_only_images_are_augmented():
    mirror = AugmentConfig(prob=1.0, flip=True, max_shift=0, border="edge")
    with pytest.raises(ValueError, match="`replay.augment` must be null for states"):
        make(shape=(2,), augment=mirror)


def test_several_conditions_are_kept_each_by_its_name():
    space = Several({"labels": Classes(3), "noise_level": NoiseLevel(0.1, 1.0)})
    buffer = make(labels=space, replicas=2, fresh_prob=0.5, capacity=1000)
    first = buffer.parts["0"]
    names = ["states", "labels", "noise_level", "next_slot", "num_written"]
    assert list(first) == names
    assert first["noise_level"].name == "replay_noise_level:0"
    wide = {"labels": tf.fill([500], 7), "noise_level": tf.fill([500], 9.0)}
    buffer.part(0).write(tf.range(500), tf.ones([500, 2, 2, 1]), wide, SEED)
    drawn = buffer.part(0).draw(SEED, 500)
    old = (drawn.x.numpy() > 255 / 256).all(axis=(1, 2, 3))
    assert abs(old.mean() - 0.5) < 5 * math.sqrt(0.25 / 500)
    labels, level = (drawn.condition[name].numpy() for name in space.parts)
    np.testing.assert_array_equal(labels == 7, old)
    np.testing.assert_array_equal(level == 9.0, old)
    assert set(labels[~old]) == {0, 1, 2} and level[~old].max() <= 1.0
    held = joined(buffer.parts)
    assert list(held) == ["states", "labels", "noise_level"]
    one = make(labels=space, capacity=1000)
    parts = buffer.parts.values()
    one.fill([{n: v.numpy() for n, v in part.items()} for part in parts])
    for name in ("labels", "noise_level"):
        rows = one.parts["0"][name].numpy()
        np.testing.assert_array_equal(rows[0::2], held[name][:500])
        np.testing.assert_array_equal(rows[1::2], held[name][500:])
