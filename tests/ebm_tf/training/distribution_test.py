"""Strategies by name, and how a batch is divided among replicas."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.training import cluster, distribution


def test_without_a_gpu_auto_is_one_device():
    assert distribution.make_strategy("auto").num_replicas_in_sync == 1
    assert distribution.resolve_jit("device") is False


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("many", "`strategy` must be one of auto, one, mirrored, cpu:N, multi_worker"),
        ("cpu:0", "`strategy` must be one of"),
        ("cpu:N", "`strategy` must be cpu: and a number"),
        ("mirrored", "`strategy` must be other than mirrored without a GPU"),
        ("cpu:9", "`strategy` must be chosen before TensorFlow starts"),
    ],
)
def test_a_bad_name_is_refused(name, rule):
    with pytest.raises(ValueError) as error:
        distribution.make_strategy(name)
    assert str(error.value).startswith(rule)
    assert str(error.value).endswith(f"Received: strategy={name!r}")


def test_each_replica_gets_its_rows_and_knows_its_number():
    strategy = distribution.make_strategy("cpu:2")
    assert distribution.make_strategy("cpu:2") is strategy  # or collectives mix

    @tf.function(autograph=False)
    def run(batch):
        return strategy.run(lambda x: x + 100 * distribution.replica_id(), [batch])

    parts = run(distribution.shard(strategy, np.arange(4)))
    first, second = strategy.experimental_local_results(parts)
    np.testing.assert_array_equal(first, [0, 1])
    np.testing.assert_array_equal(second, [102, 103])


def test_names_of_strategies_are_known_without_devices():
    for name in ("auto", "one", "mirrored", "cpu:2", "cpu:99", "multi_worker"):
        cluster.require_strategy(name)
    for name in ("cpu:100", "cpu:", "cpu:-1", "Auto", "", "tpu"):
        with pytest.raises(ValueError, match="`strategy` must be one of auto, one"):
            cluster.require_strategy(name)
