"""State by name: taken from one trainer and over by another."""

import numpy as np
import pytest

from ebm_tf.training.state import state_variables, take_over
from tests.ebm_tf.training import small


def arrays_of(trainer):
    return {name: v.numpy() for name, v in state_variables(trainer).items()}


def test_a_trainer_goes_on_from_another_s_state():
    one, two = (small.trainer(network=small.MLP) for _ in range(2))
    for batch in small.batches(0, 2):
        one.run_update(*batch)
    take_over(two, arrays_of(one))
    assert two.update == 2
    for batch in small.batches(2, 4):
        for trainer in (one, two):
            trainer.run_update(*batch)
    first, second = arrays_of(one), arrays_of(two)
    assert {"replay/states", "adam/iteration"} <= first.keys() == second.keys()
    assert len(first) == len(small.state(one))
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


@pytest.mark.parametrize(
    "name, value, message",
    [
        ("adam/iterations", np.int64(1), "must be of this run's variables"),
        ("adam/iteration", np.int32(1), "must be int64"),
        ("replay/states", np.zeros([8, 8, 8, 1], np.uint8), r"must be uint8 \[16"),
        ("energy/head/bias", np.full([1], np.nan, np.float32), "must be finite"),
    ],
)
def test_what_is_no_state_of_this_run_is_refused(name, value, message):
    trainer = small.trainer(network=small.MLP)
    before = arrays_of(trainer)
    with pytest.raises(ValueError, match=message):
        take_over(trainer, before | {name: np.asarray(value)})
    after = arrays_of(trainer)
    assert all(np.array_equal(before[name], after[name]) for name in before)
