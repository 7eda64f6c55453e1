"""All that an update changes, by name: what training elsewhere goes on with."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from ebm_tf import checks
from ebm_tf.training.trainer import Trainer


def state_variables(trainer: Trainer) -> dict[str, tf.Variable]:
    """Returns the variables of a trainer of one replica by name.

    Weights, power-iteration vectors and the optimizer's are named by their paths,
    those that the objective keeps "replay/states" and so on.

    Raises:
        ValueError: If there are several replicas.
    """
    num = trainer.strategy.num_replicas_in_sync
    checks.require(num == 1, "strategy", "of one replica", num)
    part = {}
    if trainer.memory is not None:
        [part] = trainer.memory.parts.values()
    dense = [*trainer.energy.variables, *trainer.optimizer.variables]
    named = {v.path: v.value for v in dense}
    if len(named) < len(dense):
        raise RuntimeError("two variables of the network have one path")
    return named | {f"replay/{name}": value for name, value in part.items()}


def take_over(trainer: Trainer, arrays: Mapping[str, np.ndarray]) -> None:
    """Goes on from the state that another program left.

    Args:
        trainer: Of one replica, with the settings that the state belongs to.
        arrays: By the names of `state_variables`; what is not among them stays.

    Raises:
        ValueError: If there is no such variable, or an array has another shape or
            dtype or a value that is no number.
    """
    variables = state_variables(trainer)
    for name, array in arrays.items():
        checks.require(name in variables, "state", "of this run's variables", name)
        variable = variables[name]
        wanted = f"{variable.dtype.name} {variable.shape.as_list()}"
        found = f"{array.dtype.name} {list(array.shape)}"
        checks.require(found == wanted, f"state[{name}]", wanted, found)
        if array.dtype.kind == "f":
            finite = bool(np.all(np.isfinite(array)))
            checks.require(finite, f"state[{name}]", "finite", "a value that is not")
    for name, array in arrays.items():
        variables[name].assign(array)
    trainer.go_on_from(int(trainer.optimizer.iterations.numpy()))
