"""And, or, not: of Gaussians by formula, of networks by their own energies."""

import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from ebm_tf.box import UNIT
from ebm_tf.energy import composition
from ebm_tf.energy.analytic import DiagonalGaussian, GaussianMixture
from ebm_tf.energy.build import build_energy, load_energy, save_energy
from ebm_tf.energy.networks.mlp import MlpConfig

SHARED = {
    "scale": 2.0,
    "activation": "swish",
    "kernel_initializer": "unit_normal",
    "normalize_head": False,
}
MEANS = np.array([[0.0, 1.0], [2.0, -1.0]], np.float32)
STDS = np.array([[1.0, 0.5], [0.5, 2.0]], np.float32)


@pytest.fixture(scope="module")
def gaussians():
    return [DiagonalGaussian(m, s) for m, s in zip(MEANS, STDS)]


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(0).random((5, 2), np.float32)


@pytest.fixture(scope="module")
def models():
    configs = (
        MlpConfig(widths=(4,), num_classes=3, **SHARED),
        MlpConfig(widths=(4,), label_dims=2, **SHARED),
        MlpConfig(widths=(4,), **SHARED),
    )
    made = [build_energy(c, (2,), seed, UNIT) for seed, c in enumerate(configs)]
    draw = np.random.default_rng(1)
    for model in made[:2]:  # biases of labels begin at zero
        for bias in model.biases:
            bias.main.assign(draw.normal(size=bias.main.shape))
    return made


@pytest.fixture(scope="module")
def parts(models, x):
    labels = np.full(5, 2, np.int32), np.tile(np.float32([0.25, 1.0]), (5, 1))
    given = [(x, label) for label in labels] + [(x,)]
    return np.stack([m(*each).numpy() for m, each in zip(models, given)])


def least(parts, temperature):
    exponents = -parts.astype(np.float64) / temperature
    return -temperature * scipy.special.logsumexp(exponents, axis=0)


def test_and_is_the_product_of_densities(gaussians, x):
    # Precisions add, and means are weighed by them.
    precision = (1.0 / STDS**2).sum(axis=0)
    mean = (MEANS / STDS**2).sum(axis=0) / precision
    joint = DiagonalGaussian(mean, 1.0 / np.sqrt(precision))
    apart = composition.all_of(gaussians)(x) - joint(x)
    np.testing.assert_allclose(apart, apart[0], rtol=1e-5)


def test_or_is_the_sum_of_densities(gaussians, x):
    mixture = GaussianMixture([1.0, 1.0], MEANS, STDS)
    found = composition.any_of(gaussians)(x)
    np.testing.assert_allclose(found, mixture(x), rtol=1e-5, atol=1e-5)
    cold = composition.any_of(gaussians, temperature=1e-4)(x)
    least = np.minimum(*(g(x).numpy() for g in gaussians))
    np.testing.assert_allclose(cold, least, atol=1e-3)


def test_not_takes_away(gaussians, x):
    found = composition.all_of(gaussians, [1.0, -0.5])(x)
    first, second = (g(x).numpy() for g in gaussians)
    np.testing.assert_allclose(found, first - 0.5 * second, rtol=1e-5, atol=1e-5)


def test_networks_keep_their_energies(models, parts, x):
    labels = [2, (0.25, 1.0), None]
    both = composition.compose("all", models, labels, [1.0, -0.3, 2.0])
    wanted = parts[0] - 0.3 * parts[1] + 2.0 * parts[2]
    np.testing.assert_allclose(both(x), wanted, rtol=1e-5, atol=1e-6)
    either = composition.compose("any", models, labels, temperature=0.01)
    wanted = least(parts, 0.01)
    np.testing.assert_allclose(either(x), wanted, rtol=1e-4, atol=1e-5)
    assert both.condition_space is None and both.space == UNIT


def test_a_composition_is_a_part_of_another_and_is_saved(models, parts, x, tmp_path):
    inner = composition.compose("any", models[:2], [2, (0.25, 1.0)], temperature=0.01)
    outer = composition.compose("all", [inner, models[2]], [None, None])
    save_energy(outer, str(tmp_path / "model.keras"))
    loaded = load_energy(str(tmp_path / "model.keras"))
    wanted = least(parts[:2], 0.01) + parts[2]
    np.testing.assert_allclose(loaded(x), wanted, rtol=1e-4, atol=1e-5)


def test_its_slope_reaches_the_state_and_every_network(models, x):
    made = composition.compose("all", models, [2, (0.25, 1.0), None])
    states = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(states)
        energy = tf.reduce_sum(made(states))
    slopes = tape.gradient(energy, [states, *made.trainable_variables])
    assert all(slope is not None for slope in slopes)
    assert np.all(np.abs(slopes[0]).sum(axis=1) > 0)


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"labels": [3, (0.0, 1.0), None]}, "`label` must be one class"),
        ({"labels": [0, (0.0,), None]}, "`label` must be 2 numbers"),
        ({"labels": [0, (0.0, 1.0), 1.0]}, "`label` must be 0 numbers"),
        ({"labels": [0, (0.0, 1.5), None]}, "`label` must be"),
        ({"labels": [0]}, "`labels` must be as many as models"),
        ({"weights": [1.0, 0.0, 1.0]}, "`weight` must be other than 0"),
        ({"rule": "xor"}, "`rule` must be one of"),
        ({"temperature": 0.0}, "`temperature` must be"),
    ],
)
def test_bad_arguments_are_named(models, changes, told):
    given = {"rule": "all", "models": models, "labels": [0, (0.0, 1.0), None]}
    with pytest.raises(ValueError, match=told):
        composition.compose(**(given | changes))


def test_states_that_differ_are_refused(models):
    other = build_energy(MlpConfig(widths=(4,), **SHARED), (3,), 0, UNIT)
    with pytest.raises(ValueError, match="`models` must be of the same states"):
        composition.compose("all", [models[2], other], [None, None])
