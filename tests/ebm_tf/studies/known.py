"""Subjects of studies whose answers are known: parabolas around a centre a class."""

import keras
import numpy as np

from ebm_tf.box import UNIT
from ebm_tf.conditions import Classes, NoiseLevel, Several
from ebm_tf.data import shards
from ebm_tf.energy.custom import as_energy
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.studies.contract import Subject

SHAPE = (2, 2, 1)
# Far from each other and from the walls.
CENTRES = np.array(
    [[0.3, 0.3, 0.7, 0.7], [0.7, 0.3, 0.3, 0.7], [0.5, 0.8, 0.5, 0.2]], np.float32
)
LEVELS = NoiseLevel(0.01, 2.0)
QUIET = LangevinSampler(num_steps=4, step_size=0.25, noise_std=0.0, grad_clip=None)


def energy(centres=CENTRES, width=1.0, levels=None):
    """Returns `E(x, y, sigma) = |x - centre_y|^2 / (2 v) + d / 2 log v`, exact.

    `v = width**2 + sigma**2`: the density of a normal of that width with noise on it.
    Of one centre it has no classes; of no levels, sigma is 0, without the logarithm.
    """
    parts, x = {}, keras.Input(SHAPE, name="x")
    flat, inputs = keras.layers.Flatten()(x), {}
    if len(centres) > 1:
        inputs["labels"] = keras.Input((), dtype="int32", name="labels")
        table = keras.layers.Embedding(len(centres), 4, name="centres")
        centre = table(inputs["labels"])
        parts["labels"] = Classes(len(centres))
    else:
        centre = keras.ops.convert_to_tensor(centres)
    energy = keras.ops.sum(keras.ops.square(flat - centre), axis=1) / 2.0
    if levels is None:
        energy = energy / width**2
    else:
        sigma = inputs["noise_level"] = keras.Input((), name="noise_level")
        variance = width**2 + sigma * sigma
        energy = energy / variance + 2.0 * keras.ops.log(variance)
        parts["noise_level"] = levels
    given = [x, *(inputs[name] for name in sorted(inputs))] if inputs else x
    network = keras.Model(given, energy)
    if len(centres) > 1:
        table.set_weights([centres])
    space = next(iter(parts.values()), None) if len(parts) < 2 else Several(parts)
    made = as_energy(network, SHAPE, space)
    made.space = UNIT
    return made


def classifier(centres=CENTRES):
    """Returns logits that are largest of the nearest centre, from floats."""
    x = keras.Input(SHAPE)
    layer = keras.layers.Dense(len(centres), name="logits")
    model = keras.Model(x, layer(keras.layers.Flatten()(x)))
    layer.set_weights([centres.T, -0.5 * np.square(centres).sum(axis=1)])
    return model


def states(num, spread, seed):
    """Returns `num` states around the centres in turn, in the box, and their labels."""
    labels = np.arange(num, dtype=np.int32) % len(CENTRES)
    noise = np.random.default_rng(seed).normal(0.0, spread, [num, 4])
    x = np.clip(CENTRES[labels] + noise, 0.0, 1.0).astype(np.float32)
    return x.reshape([num, *SHAPE]), labels


def examples(folder, num=30, spread=0.02, space=UNIT, made=None):
    """Returns examples in a folder, split by split, those of `states` or some made."""
    found = {}
    for seed, name in enumerate(("train", "validation", "test")):
        x, labels = states(num, spread, seed) if made is None else made(name)
        path = folder / name
        shards.write_split(str(path), [(x, labels)], 1000, space=space)
        found[name] = shards.Examples(str(path))
    return found


def subject(model, sampler=QUIET, **others):
    """Returns the subject of a study."""
    fields = {"space": UNIT, "examples": None, "seed": 3, "jit": False}
    return Subject(energy=model, sampler=sampler, **(fields | others))
