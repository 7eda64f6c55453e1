"""And, or, not: of Gaussians by formula, of networks by their own energies."""

import numpy as np
import pytest
import scipy.special
import tensorflow as tf

from ebm_tf.box import UNIT
from ebm_tf.energy import composition
from ebm_tf.energy.analytic import DiagonalGaussian, GaussianMixture
from ebm_tf.energy.build import build_energy, load_energy, save_energy
from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.energy.networks.level_mlp import LevelMlpConfig
from ebm_tf.energy.networks.levels import NoisedBaseConfig
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


def test_or_with_offsets_is_a_mixture_of_such_shares(gaussians, x):
    mixture = GaussianMixture([0.8, 0.2], MEANS, STDS)
    offsets = -np.log([0.8, 0.2])
    found = composition.any_of(gaussians, offsets=offsets)(x)
    np.testing.assert_allclose(found, mixture(x), rtol=1e-5, atol=1e-5)
    with pytest.raises(ValueError, match="`offsets` must be as many as energies"):
        composition.any_of(gaussians, offsets=[0.0])


def test_offsets_of_data_undo_constants(gaussians, x):
    moved = [gaussians[0], lambda y: gaussians[0](y) + 3.0]
    found = composition.data_offsets(moved, [tf.constant(x)] * 2)
    assert found[0] - found[1] == pytest.approx(3.0, abs=1e-4)
    # A wider Gaussian has a larger Z, and lies as low at its own data: these do not
    # say it. Means of energies of normal data are d / 2, whatever the width.
    data = np.random.default_rng(0).normal(size=[4000, 2]).astype(np.float32)
    own = [tf.constant(MEANS[k] + STDS[k] * data) for k in range(2)]
    found = composition.data_offsets([_unscaled(k) for k in range(2)], own)
    np.testing.assert_allclose(found, -1.0, atol=4.0 / np.sqrt(4000))


def _unscaled(k):
    return lambda y: tf.reduce_sum(tf.square((y - MEANS[k]) / STDS[k]), axis=1) / 2.0


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


LEVELS = NoiseLevelConfig(low=0.01, high=5.0)


@pytest.fixture(scope="module")
def of_levels():
    base = NoisedBaseConfig(kind="normal")
    shared = {"base": base, "gate_scale": 1.0, "embedding": 4, "widths": (4,)}
    configs = (
        LevelMlpConfig(num_classes=3, noise_levels=LEVELS, **shared),
        LevelMlpConfig(label_dims=2, noise_levels=LEVELS, **shared),
    )
    made = [build_energy(c, (2,), seed, UNIT) for seed, c in enumerate(configs)]
    draw = np.random.default_rng(1)
    for model in made:  # corrections are zero before training
        for weight in model.trainable_variables:
            weight.assign(draw.normal(size=weight.shape))
    return made


@pytest.mark.parametrize("rule", ["all", "any"])
def test_energies_of_noise_levels_are_joined_at_each(of_levels, x, rule, tmp_path):
    weights = {"all": [0.7, 0.3], "any": [1.0, 1.0]}[rule]
    labels = [1, (0.25, 1.0)]
    made = composition.compose(rule, of_levels, labels, weights, offsets=[0.5, 0.0])
    sigma = np.float32([0.02, 0.1, 0.5, 1.0, 4.0])
    rows = np.full(5, 1, np.int32), np.tile(np.float32([0.25, 1.0]), (5, 1))
    each = np.stack(
        [
            model(x, {"labels": row, "noise_level": sigma}).numpy()
            for model, row in zip(of_levels, rows)
        ]
    )
    each = each.astype(np.float64) * np.array(weights)[:, None] + [[0.5], [0.0]]
    wanted = each.sum(axis=0) if rule == "all" else least(each, 1.0)
    np.testing.assert_allclose(made(x, sigma), wanted, rtol=1e-4, atol=1e-4)
    save_energy(made, str(tmp_path / "model.keras"))
    loaded = load_energy(str(tmp_path / "model.keras"))
    np.testing.assert_allclose(loaded(x, sigma), wanted, rtol=1e-4, atol=1e-4)
    start = made.widest(3, tf.constant([0, 1]))
    np.testing.assert_array_equal(start, of_levels[0].widest(3, tf.constant([0, 1])))


def test_weights_that_noise_levels_do_not_allow(of_levels, models):
    labels = [1, (0.0, 1.0)]
    with pytest.raises(ValueError, match='numbers that sum to 1 in "all"'):
        composition.compose("all", of_levels, labels)
    with pytest.raises(ValueError, match='each 1 in "any"'):
        composition.compose("any", of_levels, labels, [0.5, 0.5])
    with pytest.raises(ValueError, match="all of the same noise levels, or all with"):
        composition.compose("all", [of_levels[0], models[2]], [1, None], [0.5, 0.5])


def test_states_that_differ_are_refused(models):
    other = build_energy(MlpConfig(widths=(4,), **SHARED), (3,), 0, UNIT)
    with pytest.raises(ValueError, match="`models` must be of the same states"):
        composition.compose("all", [models[2], other], [None, None])
