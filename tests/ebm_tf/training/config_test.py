"""Settings of training that contradict each other are refused."""

import dataclasses

import pytest

from tests.ebm_tf.training import small


def test_the_buffer_holds_a_batch():
    with pytest.raises(ValueError) as error:
        small.train_config(batch_size=20)
    assert str(error.value) == (
        "`objective.replay.capacity` must be at least `batch_size`, 20. "
        "Received: capacity=16"
    )


def test_sizes_of_one_replica_become_those_of_all():
    config = small.train_config(sizes_per_replica=True)
    whole = config.for_replicas(32)
    assert (whole.batch_size, whole.objective.replay.capacity) == (4 * 32, 16 * 32)
    assert whole.for_replicas(32) is whole
    assert config.for_replicas(1) == dataclasses.replace(
        config, sizes_per_replica=False
    )


def test_the_average_begins_in_one_of_two_ways():
    optimizer = small.train_config().optimizer
    with pytest.raises(ValueError, match="`ema_start` must be one of zeros, first_we"):
        dataclasses.replace(optimizer, ema_start="middle")
