"""How TensorFlow uses GPUs: memory, TensorFloat-32, determinism, as settings.

TensorFlow takes nearly all memory of every GPU when it starts, multiplies float32
matrices in TensorFloat-32 where the GPU has it, which keeps 10 bits of a factor, and
lets some operations add in an order that changes from run to run.
"""

import dataclasses
import os

from ebm_tf import checks, settings

_DEVICES = "/dev/nvidiactl", "/dev/kfd", "/dev/dxg"


@dataclasses.dataclass(frozen=True, kw_only=True)
class GpuConfig:
    """How TensorFlow uses GPUs; without one, as it does by itself.

    Attributes:
        memory_growth: Whether memory is taken as it is needed, not all of it at the
            start: for a GPU that others use too. Slower at first.
        tf32: Whether float32 matrices and convolutions are multiplied in
            TensorFloat-32, some times as fast and to 3 digits.
        deterministic: Whether only operations are used that give the same bits in
            every run, on the same machine; slower, and one that has no such form is an
            error. It stays on for the rest of the process.
    """

    memory_growth: bool = settings.display(default=False)
    tf32: bool = True
    deterministic: bool = False


def apply(config: GpuConfig | None) -> None:
    """Tells TensorFlow, for the rest of the process; None changes nothing.

    Args:
        config: How; its memory has to be said before TensorFlow uses a device.

    Raises:
        ValueError: If that is too late.
    """
    if config is None:
        return
    import tensorflow as tf

    for gpu in tf.config.list_physical_devices("GPU"):
        _set_memory_growth(gpu, config.memory_growth)
    tf.config.experimental.enable_tensor_float_32_execution(config.tf32)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()


def may_be_there() -> bool:
    """Returns whether a driver of GPUs is loaded; TensorFlow is not asked."""
    return any(os.path.exists(path) for path in _DEVICES)


def _set_memory_growth(gpu, grows: bool) -> None:
    import tensorflow as tf

    if bool(tf.config.experimental.get_memory_growth(gpu)) == grows:
        return
    try:
        tf.config.experimental.set_memory_growth(gpu, grows)
    except (RuntimeError, ValueError) as error:
        rule = "chosen before TensorFlow uses a device, for all GPUs alike"
        raise checks.InvalidValueError(
            f"`gpu.memory_growth` must be {rule}. Received: memory_growth={grows}"
        ) from error
