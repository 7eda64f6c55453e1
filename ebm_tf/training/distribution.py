"""Which devices train, and what each of them is given."""

import functools

import numpy as np
import tensorflow as tf

from ebm_tf import checks, signals
from ebm_tf.training import cluster


def make_strategy(name: str) -> tf.distribute.Strategy:
    """Returns the strategy that the flag `--strategy` calls `name`.

    Args:
        name: "auto": mirrored over the GPUs if there are any, else one device;
            "one": the first GPU or the CPU; "mirrored": over all GPUs; "cpu:N":
            mirrored over N logical CPU devices, to try distribution without GPUs.
            "multi_worker": over the GPUs, or the CPUs, of the workers that
            `cluster.this_task` reads of, for all of which it waits.
            The last two work only before TensorFlow has touched its devices.

    Raises:
        ValueError: If the name is another, there is no GPU to mirror over, or
            TF_CONFIG is not what `cluster.this_task` reads.
    """
    cluster.require_strategy(name)
    if name == "multi_worker":
        return _multi_worker()
    if name.startswith("cpu:"):
        return _mirrored(tuple(_logical_cpus(cluster.num_logical(name))))
    gpus = tf.config.list_logical_devices("GPU")  # from here on TensorFlow is started
    if name == "mirrored" or (name == "auto" and gpus):
        checks.require(gpus, "strategy", "other than mirrored without a GPU", name)
        return _mirrored(tuple(gpu.name for gpu in gpus))
    return tf.distribute.OneDeviceStrategy(gpus[0].name if gpus else "/cpu:0")


@functools.cache
def _mirrored(devices: tuple[str, ...]) -> tf.distribute.MirroredStrategy:
    """Returns the process's one strategy over these devices.

    Each strategy numbers its collectives from the same start: those of a second one
    would be taken for the first's.
    """
    return tf.distribute.MirroredStrategy(list(devices))


@functools.cache
def _multi_worker() -> tf.distribute.MultiWorkerMirroredStrategy:
    """Returns the process's one strategy over the workers of TF_CONFIG."""
    cluster.this_task()
    with signals.immediate():
        try:
            return tf.distribute.MultiWorkerMirroredStrategy()
        except RuntimeError as error:
            rule = "chosen before TensorFlow starts"
            raise checks.InvalidValueError(
                f"`strategy` must be {rule}. Received: strategy='multi_worker'"
            ) from error


def _logical_cpus(num: int) -> list[str]:
    [cpu] = tf.config.list_physical_devices("CPU")
    try:
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * num
        )
    except RuntimeError:
        pass  # already made; the check below says if they are too few
    names = [device.name for device in tf.config.list_logical_devices("CPU")]
    checks.require(
        len(names) >= num, "strategy", "chosen before TensorFlow starts", f"cpu:{num}"
    )
    return names[:num]


def require_made_in(strategy: tf.distribute.Strategy, variables) -> None:
    """Raises `ValueError` if a network was not made for the devices of a strategy.

    Args:
        strategy: With one replica it takes every variable.
        variables: Those of the network, Keras's.
    """
    if strategy.num_replicas_in_sync == 1:
        return
    for variable in variables:
        made_in = strategy.extended.variable_created_in_scope(variable.value)
        rule = (
            "made within `with strategy.scope():` of the strategy that trains it, so "
            f"that each of the {strategy.num_replicas_in_sync} replicas has its weights"
        )
        checks.require(made_in, "energy", rule, f"{variable.path}, made outside of it")


def resolve_jit(rule: str) -> bool:
    """Returns whether to compile with XLA under the rule `compile` of a config.

    On a CPU XLA's convolutions were 5 to 17 times slower than the plain graph's.
    """
    if rule == "device":
        return bool(tf.config.list_logical_devices("GPU"))
    return rule == "xla"


def replica_id() -> int:
    """Returns the number of the replica this is traced for, over all workers."""
    context = tf.distribute.get_replica_context()
    return int(tf.get_static_value(context.replica_id_in_sync_group))


def shard(strategy: tf.distribute.Strategy, batch: np.ndarray):
    """Returns the global `batch`, `[B, ...]`, as one equal slice per replica."""
    batch = np.asarray(batch)
    size = batch.shape[0] // strategy.num_replicas_in_sync

    def part(context):
        first = context.replica_id_in_sync_group * size
        return tf.constant(batch[first : first + size])

    return strategy.experimental_distribute_values_from_function(part)
