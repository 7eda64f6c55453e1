"""One worker, who is the chief and has all parts; several are in multi_worker_test."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.training import distribution, workers
from ebm_tf.training.errors import WorkerLost
from tests.ebm_tf.training import small


@pytest.mark.parametrize(("name", "num"), [("one", 1), ("cpu:2", 2)])
def test_one_worker_has_all_replicas_and_is_the_chief(name, num):
    alone = workers.Workers(distribution.make_strategy(name))
    assert alone.is_chief
    assert (alone.replicas.first, alone.replicas.total) == (0, num)
    assert len(set(alone.replicas.devices)) == num
    assert (alone.total(3), alone.from_chief(7), alone.leave()) == (3, 7, None)


def test_parts_are_those_of_the_buffer():
    trained = small.trainer(distribution.make_strategy("cpu:2"))
    parts = trained.workers.gather_parts(trained.memory.parts)
    assert list(parts) == ["0", "1"]
    held = trained.replay()
    states = held["states"]
    assert list(held) == ["states"] and states.dtype == np.uint8
    first, second = (parts[replica]["states"] for replica in ("0", "1"))
    assert (first != second).any()
    np.testing.assert_array_equal(states, np.concatenate([first, second]))
    rows = [v.numpy() for v in trained.memory.variables if v.shape.rank > 1]
    np.testing.assert_array_equal(states, np.concatenate(rows))


def test_only_errors_of_the_connection_say_that_a_worker_is_gone():
    told = pytest.raises(WorkerLost, match="start all workers again")
    with told as lost, workers.loss_is_told():
        raise tf.errors.UnavailableError(None, None, "no heartbeat\nof task 1")
    assert lost.value.exit_code == 1 and "\n" not in str(lost.value)
    with pytest.raises(ZeroDivisionError), workers.loss_is_told():
        raise ZeroDivisionError
