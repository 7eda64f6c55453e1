"""Slots shared out, dealt anew and joined, by hand."""

import numpy as np
import pytest

from ebm_tf.sampling.slots import divided, joined, share


@pytest.mark.parametrize(
    ("capacity", "num", "sizes"),
    [(8, 2, [4, 4]), (8, 3, [3, 3, 2]), (10_000, 32, [313] * 16 + [312] * 16)],
)
def test_shares_differ_by_one_at_most_and_add_up(capacity, num, sizes):
    assert [share(capacity, replica, num) for replica in range(num)] == sizes
    assert sum(sizes) == capacity


def part(states, next_slot, num_written):
    return {
        "states": np.array(states),
        "next_slot": np.int32(next_slot),
        "num_written": np.int64(num_written),
    }


def test_slots_are_dealt_in_turn_and_the_oldest_come_first():
    one, two = divided([part([7, 8, 1, 2, 3], 2, 8), part([5, 6, 4], 2, 4)], 2)
    # In order of age 1 2 3 7 8 and 4 5 6; in turn 1 4 2 5 3 6 7 8.
    assert one["states"].tolist() == [1, 2, 3, 7] and one["next_slot"] == 0
    assert two["states"].tolist() == [4, 5, 6, 8] and two["num_written"] == 6
    three = divided([one, two], 3)
    assert [p["states"].tolist() for p in three] == [[1, 5, 7], [4, 3, 8], [2, 6]]


def test_states_are_joined_in_order_and_labels_if_there_are_any():
    parts = {"0": part([1, 2], 0, 0), "1": part([3], 0, 0)}
    held = joined(parts)
    assert held["states"].tolist() == [1, 2, 3] and list(held) == ["states"]
    for held, values in zip(parts.values(), ([5, 6], [7]), strict=True):
        held["labels"] = np.array(values)
    assert joined(parts)["labels"].tolist() == [5, 6, 7]
