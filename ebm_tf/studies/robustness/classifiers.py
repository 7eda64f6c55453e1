"""Logits of states: by the energy of each class, and by the classifier of the data."""

import keras
import tensorflow as tf

from ebm_tf.box import Box
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.studies.common import energies
from ebm_tf.studies.robustness import RefinementConfig
from ebm_tf.studies.robustness.attack import LogitsFn, project


def by_energy(
    model: EnergyModel,
    space: Box,
    level: float | None,
    refinement: RefinementConfig | None,
) -> LogitsFn:
    """Returns minus the energies of states under each class, `[B, ...] -> [B, C]`.

    Args:
        model: An energy of classes.
        space: Its state space.
        level: As `energies.condition_of` takes it.
        refinement: Steps that are taken first, on the tape, or None.
    """
    num_classes = model.num_classes

    def logits_fn(x):
        num = x.shape[0]
        labels = tf.repeat(tf.range(num_classes), num)
        condition = energies.condition_of(
            model.condition_space, num_classes * num, labels, level
        )
        energy_fn = bind_condition(model, condition)
        tiled = tf.tile(x, [num_classes] + [1] * (x.shape.rank - 1))
        if refinement is not None:
            tiled = _refined(energy_fn, tiled, refinement, space)
        return -tf.transpose(tf.reshape(energy_fn(tiled), [num_classes, num]))

    return logits_fn


def _refined(energy_fn, origin, refinement, space):
    x = origin
    for _ in range(refinement.num_steps):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(x)
            energy = energy_fn(x)
        moved = x - refinement.step_size * tape.gradient(energy, x)
        x = project(moved, origin, refinement.radius, "linf", space)
    return x


def by_network(classifier: keras.Model, space: Box) -> LogitsFn:
    """Returns the logits of a classifier of stored states, for states of a box.

    Args:
        classifier: From states as they are stored, which may be floats in between.
        space: The box.
    """

    def logits_fn(x):
        if space.num_levels is not None:
            unit = (x - space.low) / (space.high - space.low)
            x = unit * (space.num_levels - 1.0)  # as `Box.center` has it
        return classifier(x, training=False)

    return logits_fn
