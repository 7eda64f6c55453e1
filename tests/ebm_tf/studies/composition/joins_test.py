"""Gaussians joined: their product and their mixture are known."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler
from ebm_tf.studies.composition import AskedConfig, JoinConfig, joins
from tests.ebm_tf.studies import known
from tests.ebm_tf.studies.composition import attributes

WIDTH, WIDE, NUM = 0.1, 0.4, 400
NAMES = {"model_1": ("u",), "examples": ()}
BOTH = JoinConfig(
    terms=(AskedConfig(attribute="class"), AskedConfig(attribute="u")), rule="all"
)
EITHER = JoinConfig(
    terms=(
        AskedConfig(attribute="class", label=(0,)),
        AskedConfig(attribute="class", label=(1,)),
    ),
    rule="any",
    temperature=1.0,
)
# Temperature 1: noise_std**2 == 2 * step_size.
WARM = LangevinSampler(num_steps=60, step_size=0.0008, noise_std=0.04, grad_clip=None)
WALK = ReverseDiffusionSampler(
    num_steps=40, last_level=0.01, corrections=8, correction_size=0.4
)


def subject(levels=None, prior=False, sampler=WARM):
    models = {"model_1": attributes.of_numbers(WIDTH, levels)}
    if prior:
        models["model_2"] = known.energy(attributes.CENTRE, WIDE, levels)
    names = NAMES | {"model_2": ()}
    own = known.energy(width=WIDTH, levels=levels)
    return known.subject(own, sampler, models=models, label_names=names)


def draw(told, join, labels):
    parts = joins.parts_of(told)
    composed = joins.Composed(parts, join, told)
    return composed.draw(labels, rng.make_seed(1)).reshape(NUM, 4)


def require_normal(x, mean, variance, bias=0.0):
    """The sample's mean and variance, all coordinates together, are these."""
    assert abs((x - mean).mean()) < 4.0 * np.sqrt(variance / x.size)
    error = 4.0 * np.sqrt(2.0 / x.size)
    assert error < 0.15  # a plain Gaussian, not the product, is twice as wide
    assert abs(np.square(x - mean).mean() / variance - 1.0) < error + bias


def after_a_step(precision):
    """Returns the variance that chains end with: noise, then a step without."""
    kept = (1.0 - WARM.step_size * precision) ** 2
    return kept * WARM.noise_std**2 / (1.0 - kept)


LABELS = [np.zeros(NUM, np.int32), np.full([NUM, 1], 0.6, np.float32)]


# Of the product of two, relative to a wide one about 0.5.
PRECISION = 2.0 / WIDTH**2 - 1.0 / WIDE**2
PULLED = (known.CENTRES[0] + 0.6) / WIDTH**2 - 0.5 / WIDE**2


def test_and_is_the_product():
    x = draw(subject(), BOTH, LABELS)
    mean = (known.CENTRES[0] + 0.6) / 2.0
    require_normal(x, mean, after_a_step(2.0 / WIDTH**2))


def test_and_relative_to_a_model_without_labels():
    x = draw(subject(prior=True), BOTH, LABELS)
    require_normal(x, PULLED / PRECISION, after_a_step(PRECISION))


def test_and_of_noise_levels():
    x = draw(subject(known.LEVELS, prior=True, sampler=WALK), BOTH, LABELS)
    # Corrections are not adjusted: at steps of 0.4 they are wider by some percent.
    require_normal(x, PULLED / PRECISION, 1.0 / PRECISION, bias=0.1)


def test_or_of_noise_levels_has_each_alike():
    plain = dataclasses.replace(WALK, corrections=0)
    told = subject(known.LEVELS, sampler=plain)
    x = draw(told, EITHER, [np.full(NUM, label, np.int32) for label in (0, 1)])
    nearest = np.square(x[:, None] - known.CENTRES).sum(axis=2).argmin(axis=1)
    counts = np.bincount(nearest, minlength=3)
    assert counts[2] == 0
    assert abs(counts[0] / NUM - 0.5) < 4.0 * np.sqrt(0.25 / NUM)


def test_classes_together_are_the_prior_of_one_of_classes():
    parts = joins.parts_of(subject(known.LEVELS))
    composed = joins.Composed(parts, BOTH, subject(known.LEVELS))
    x, _ = known.states(6, 0.1, 0)
    labels = [np.zeros(6, np.int32), np.full([6, 1], 0.6, np.float32)]
    found = composed.energy_at(composed.conditions_of(labels)).at_level(0.3)(
        tf.constant(x)
    )
    variance, flat = WIDTH**2 + 0.3**2, x.reshape(6, 4)
    gaps = np.square(flat[:, None] - known.CENTRES).sum(axis=2) / (2.0 * variance)
    mixed = -np.log(np.exp(-gaps).mean(axis=1))
    apart = np.square(flat - 0.6).sum(axis=1) / (2.0 * variance)
    wanted = gaps[:, 0] + apart - mixed + 2.0 * np.log(variance)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)


def test_offsets_of_data_are_what_energies_are_at_their_own():
    parts = joins.parts_of(subject())
    states = [known.CENTRES[[label]].reshape(1, *known.SHAPE) for label in (0, 1)]
    moved = states[0] + np.float32(0.02)
    found = joins.data_offsets(parts, EITHER, [moved, states[1]])
    off = -4 * 0.02**2 / (2.0 * WIDTH**2)
    np.testing.assert_allclose(found, [off, 0.0], rtol=1e-3, atol=1e-6)


def test_attributes_are_named_by_their_numbers():
    assert joins.attribute_of(()) == "class"
    assert joins.attribute_of(("scale",)) == "scale"
    assert joins.attribute_of(("x", "y")) == "x_y"
    assert joins.attribute_of(("orientation_cos", "orientation_sin")) == "orientation"
    assert joins.attribute_of(("Male", "Young")) == "Male_Young"


def test_models_that_do_not_go_together():
    told = subject()
    twice = dataclasses.replace(told, models={"model_1": known.energy()})
    with pytest.raises(ValueError, match="`models` must be models of different attrib"):
        joins.parts_of(twice)
    nameless = dataclasses.replace(told, label_names={"model_1": ()})
    with pytest.raises(ValueError, match="say the names of their labels' numbers"):
        joins.parts_of(nameless)
    levels = {"model_1": attributes.of_numbers(WIDTH, known.LEVELS)}
    with pytest.raises(ValueError, match="`models` must be of the same noise levels"):
        joins.parts_of(dataclasses.replace(told, models=levels))
    prior = known.energy(attributes.CENTRE)
    alone = dataclasses.replace(told, energy=prior, models={})
    with pytest.raises(ValueError, match="`models` must be one with labels at least"):
        joins.parts_of(alone)


def test_weights_of_noise_levels_need_what_fills_them_up():
    told = subject(known.LEVELS)
    numbers = dataclasses.replace(told, energy=told.models["model_1"], models={})
    numbers = dataclasses.replace(numbers, label_names={"model": ("u",)})
    twice = JoinConfig(terms=(AskedConfig(attribute="u", weight=2.0),))
    with pytest.raises(ValueError, match="`models` must have a model without labels"):
        joins.Composed(joins.parts_of(numbers), twice, numbers)
    heavy = AskedConfig(attribute="class", label=(0,), weight=2.0)
    uneven = JoinConfig(terms=(heavy, *EITHER.terms[1:]), rule="any")
    with pytest.raises(ValueError, match='each 1 in "any"'):
        joins.Composed(joins.parts_of(told), uneven, told)
