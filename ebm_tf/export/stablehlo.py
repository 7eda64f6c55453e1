"""Chains as StableHLO: a program for any device that XLA compiles for.

A SavedModel needs TensorFlow; StableHLO is what XLA itself reads, so that a runtime
with its PJRT interface - JAX, on a CPU, GPU or TPU - can run the chains where
TensorFlow cannot be installed. Such a program is a pure function of fixed shapes:
weights are arguments, and how many images and steps is decided at export.

Numbers are those of TensorFlow's own XLA-compiled chains; a graph that is not
compiled draws other noise from the same seed.
"""

import keras
import tensorflow as tf

from ebm_tf import conditions, rng
from ebm_tf.box import StateSpace
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.export import programs
from ebm_tf.sampling.driver import run_chain
from ebm_tf.types import KernelAt

PROGRAM, WEIGHTS = "sample.mlir", "weights.npz"


def sample_function(
    model: EnergyModel,
    kernel_at: KernelAt,
    box: StateSpace,
    *,
    num: int,
    num_steps: int,
):
    """Returns `(weights, seed, *condition) -> images`, compiled by XLA.

    The result is what the signature `sample` of an exported model gives, but for the
    noise: see the module's docstring. Each part of a condition is an argument, in the
    order of their names.

    Args:
        model: An energy network; its weights are `model.variables`, in order.
        kernel_at: The sampler.
        box: The state space.
        num: Images of a call.
        num_steps: Steps of their chains.
    """

    space = model.condition_space

    @tf.function(autograph=False, jit_compile=True)
    def sample(weights, seed, *parts):
        named = dict(zip(conditions.parts_of(space), parts, strict=True))
        condition = conditions.from_names(space, named)
        noise_seed, chain_seed = rng.split(seed, 2)
        x = box.noise(noise_seed, (num, *model.state_shape))
        # Whatever is asked of the energy, its weights are the arguments.
        values = list(zip(model.variables, weights, strict=True))
        with keras.StatelessScope(state_mapping=values):
            energy_fn = bind_condition(model, condition)
            return run_chain(
                kernel_at, energy_fn, x, chain_seed, first=0, num_steps=num_steps
            ).x

    return sample


def export_stablehlo(
    model: EnergyModel,
    kernel_at: KernelAt,
    box: StateSpace,
    folder: str,
    *,
    num: int,
    num_steps: int,
) -> dict:
    """Writes a program that samples, its weights, and a list of its arguments.

    Args:
        model: An energy network.
        kernel_at: The sampler.
        box: The state space.
        folder: Where to write; made if missing.
        num: Images of a call.
        num_steps: Steps of their chains.

    Returns:
        What `arguments.json` holds, see `programs`. Arguments that are in
        `weights.npz` come first and have their names there; `seed` and, of a
        conditional model, the parts of a condition by their names, such as `labels`,
        are left to the caller.
    """
    weights = {v.path: tf.convert_to_tensor(v) for v in model.variables}
    # Only shapes and dtypes of the others decide the program.
    given = {"seed": tf.zeros((2,), tf.int32)}
    smallest = conditions.smallest(model.condition_space, num)
    given |= conditions.by_name(model.condition_space, smallest)
    sample = sample_function(model, kernel_at, box, num=num, num_steps=num_steps)
    args = [[*weights.values()], *given.values()]
    program = programs.compile_text(sample, args)
    images = tf.TensorSpec((num, *model.state_shape), tf.float32)
    listed = {
        "arguments": programs.entries(weights | given),
        "results": programs.entries({"images": images}),
    }
    arrays = {name: value.numpy() for name, value in weights.items()}
    programs.write(folder, PROGRAM, program, listed, {WEIGHTS: arrays})
    return listed
