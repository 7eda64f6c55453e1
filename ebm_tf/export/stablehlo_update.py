"""One update of training as StableHLO: state in, state and energies out.

The program is the trainer's own update, traced as it stands: variables that it
captures become arguments, and those that it writes results. The runtime that calls it
hands the results back as the next call's arguments, and so carries a whole training.

Numbers are those of the same function compiled by TensorFlow's XLA. `Trainer` compiles
parts of an update by themselves, and draws other noise from the same seed.
"""

import tensorflow as tf

from ebm_tf import rng
from ebm_tf.conditions import parts_of
from ebm_tf.energy.sublayers import all_layers
from ebm_tf.export import programs
from ebm_tf.training.state import state_variables
from ebm_tf.training.trainer import Trainer

PROGRAM, STATE, SEED = "update.mlir", "state.npz", "seed"


def update_function(trainer: Trainer):
    """Returns `(images, [labels,] seed) -> metrics`, compiled by XLA as a whole.

    It makes the update that the optimizer's count says, writes the trainer's
    variables, and returns scalars by name and float32 `[B]` of each energy that the
    objective names, as "data_energies", nats. Labels only if the energy has them.

    Args:
        trainer: Of one replica; its own count of updates does not move.
    """

    @tf.function(autograph=False, jit_compile=True)
    def update(images, *rest):
        *labels, seed = rest
        update_seed = rng.fold_in(seed, trainer.optimizer.iterations)
        result = trainer.trace_update(images, *(labels or [None]), update_seed)
        return {
            **result.shares,
            **{f"{name}_energies": e for name, e in result.energies.items()},
        }

    return update


def export_update(trainer: Trainer, folder: str) -> dict:
    """Writes the program of an update, the state it begins from, and their list.

    Args:
        trainer: Of one replica, at the state that the run is to begin from.
        folder: Where to write; made if missing.

    Returns:
        What `arguments.json` holds, see `programs`. The first arguments are the data,
        `images` as stored and maybe `labels`; all others are in `state.npz`. `seed`
        is the only one of these that no result feeds, and `counter` names the one
        that counts updates.

    Raises:
        ValueError: If the trainer has several replicas.
    """
    variables = state_variables(trainer)
    batch_size = trainer.config.batch_size
    energy, box = trainer.energy, trainer.box
    data = {
        "images": tf.TensorSpec((batch_size, *energy.state_shape), box.storage_dtype)
    }
    labels = parts_of(energy.condition_space).get("labels")
    if labels is not None:
        data["labels"] = tf.TensorSpec((batch_size, *labels.shape), labels.dtype)
    seed = {SEED: tf.TensorSpec((2,), tf.int32)}
    update, specs = update_function(trainer), [*data.values(), *seed.values()]
    concrete = update.get_concrete_function(*specs)
    names = {id(variable.handle): name for name, variable in variables.items()}
    captured = {
        name: variables[name]
        for name in (names[id(handle)] for handle in concrete.captured_inputs)
    }
    # XLA returns the variables that an update writes, in their order, and no others.
    fixed = {id(weight.value) for weight in _fixed_weights(energy)}
    changed = programs.entries(
        {name: v for name, v in captured.items() if id(v) not in fixed}
    )
    listed = {
        "counter": trainer.optimizer.iterations.path,
        "arguments": programs.entries(data | seed) + programs.entries(captured),
        "results": programs.entries(dict(sorted(concrete.structured_outputs.items())))
        + [entry | {"feeds": entry["name"]} for entry in changed],
    }
    state = {name: variable.numpy() for name, variable in captured.items()}
    state[SEED] = trainer.seed.numpy()
    program = programs.compile_text(update, specs)
    programs.write(folder, PROGRAM, program, listed, {STATE: state})
    return listed


def _fixed_weights(energy) -> list:
    """Returns the weights that were fitted before training, and stay."""
    layers = all_layers(energy)
    return [weight for one in layers for weight in getattr(one, "fixed_weights", ())]
