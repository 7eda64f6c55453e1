"""Walks through noise levels, by an energy that is exact at each."""

import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import OpenSpace
from ebm_tf.condition_kinds import NoiseLevel
from ebm_tf.energy.build import bind_condition, build_energy
from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.energy.networks.level_mlp import LevelMlpConfig
from ebm_tf.energy.networks.levels import NoisedBaseConfig
from ebm_tf.sampling import reverse_diffusion as steps
from ebm_tf.sampling.driver import run_chain
from ebm_tf.sampling.ensemble import mean_energy
from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler
from tests.ebm_tf.noised_mixture import NoisedMixture

SPACE = OpenSpace(mean=0.0, std=1.0)
LEVELS = NoiseLevel(0.01, 20.0)
NUM = 4000


def mixture():
    means, stds = [[-1.0, 0.0], [1.0, 0.5]], [[0.2, 0.3], [0.3, 0.2]]
    return NoisedMixture(means, stds, [0.3, 0.7], LEVELS)


def walk(start=None, energy=None, **settings):
    sampler = ReverseDiffusionSampler(**{"num_steps": 60} | settings)
    kernel_at, energy = sampler.kernel_at(SPACE), energy or mixture()
    x = tf.zeros((NUM, 2)) if start is None else start

    @tf.function(autograph=False)
    def run(x, seed):
        return run_chain(kernel_at, energy, x, seed, num_steps=sampler.num_steps).x

    return run(x, rng.make_seed(4)).numpy()


def test_levels_fall_from_the_highest_to_the_lowest_and_then_to_none():
    ladder = steps.Ladder(high=20.0, low=0.01, num=5, rho=7.0)
    found = [float(ladder.at(k)) for k in range(7)]
    root = np.linspace(20.0 ** (1 / 7), 0.01 ** (1 / 7), 5)
    np.testing.assert_allclose(found[:5], root**7, rtol=1e-4)
    assert found[5:] == [0.0, 0.0]
    assert float(steps.Ladder(high=3.0, low=0.1, num=1, rho=7.0).at(0)) == 3.0


def test_the_clean_state_is_the_mean_given_the_state_with_noise():
    energy, sigma = mixture(), 0.5
    y = tf.constant([[0.2, 0.3], [-1.5, 0.0]])
    # By hand: of each component the mean of a product of two normal densities.
    spread = energy.stds**2 + sigma**2
    part = energy.means + (energy.stds**2 / spread) * (y[:, None] - energy.means)
    apart = (y[:, None] - energy.means) ** 2 / spread
    logs = -0.5 * np.sum(apart + np.log(spread), axis=2) + np.log(energy.weights)
    share = np.exp(logs - np.logaddexp.reduce(logs, axis=1, keepdims=True))
    wanted = np.sum(share[..., None] * part, axis=1)
    found = steps.denoised(energy, y, tf.constant(sigma))
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"method": "heun", "num_steps": 40},
        {"corrections": 2, "correction_size": 0.3},
    ],
    ids=["ancestral", "heun", "corrected"],
)
def test_walks_end_as_samples_of_the_density(settings):
    x = walk(**settings)
    left = x[:, 0] < 0.0
    share = 0.3  # of the left mode, but for 4e-4 of the right one
    assert abs(left.mean() - share) < 4 * math.sqrt(0.21 / NUM) + 0.01
    for mode, rows in enumerate((left, ~left)):
        mean, std = np.array(mixture().means[mode]), np.array(mixture().stds[mode])
        error = std / math.sqrt(rows.sum())
        # Steps are finite: 4 standard errors, and a tenth of a deviation.
        assert np.all(np.abs(x[rows].mean(axis=0) - mean) < 4 * error + 0.1 * std)
        np.testing.assert_allclose(x[rows].std(axis=0), std, rtol=0.15)


def test_a_start_that_is_kept_decides_where_a_walk_ends():
    start = tf.tile(tf.constant([[-1.0, 0.0]]), [NUM, 1])
    near = walk(start, start_level=0.1, num_steps=20)
    assert np.all(near[:, 0] < 0.0)
    far = walk(start, start_level=20.0)
    assert abs(np.mean(far[:, 0] < 0.0) - 0.3) < 4 * math.sqrt(0.21 / NUM) + 0.03


def test_steps_after_the_last_change_nothing():
    sampler = ReverseDiffusionSampler(num_steps=5)
    kernel_at, energy = sampler.kernel_at(SPACE), mixture()
    seed, x = rng.make_seed(0), tf.zeros((8, 2))
    ends = [
        run_chain(kernel_at, energy, x, seed, num_steps=num).x.numpy() for num in (5, 9)
    ]
    np.testing.assert_array_equal(*ends)


def test_an_ensemble_walks_by_the_mean_of_its_slopes():
    energy = mixture()
    both = mean_energy([energy, energy])
    np.testing.assert_allclose(walk(energy=both), walk(), rtol=1e-3, atol=1e-3)


def test_an_energy_without_levels_is_refused():
    with pytest.raises(ValueError, match="`sampler.kind` must be of a sampler without"):
        walk(energy=lambda x: tf.reduce_sum(x * x, axis=1))


@pytest.mark.parametrize(
    "name, value", [("start_level", 30.0), ("last_level", 0.001), ("last_level", 25.0)]
)
def test_a_level_that_is_not_the_energys_is_refused(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        walk(**{name: value})


def two_classes():
    """A network of two classes whose energies are known: it is its base alone."""
    config = LevelMlpConfig(
        base=NoisedBaseConfig(kind="normal"),
        gate_scale=1.0,
        embedding=4,
        widths=(4,),
        num_classes=2,
        noise_levels=NoiseLevelConfig(low=LEVELS.low, high=LEVELS.high),
    )
    model = build_energy(config, (2,), 0, SPACE)
    for index, weight in enumerate(model.trainable_variables):
        noise = rng.normal(rng.make_seed(index), weight.shape)
        weight.assign_add(0.8 * noise)  # now classes differ
    return model


def test_guidance_adds_the_slope_of_the_class_to_the_energys():
    model, y = two_classes(), rng.normal(rng.make_seed(1), [6, 2])
    labels, level = tf.constant([0, 1, 0, 1, 0, 1]), tf.fill([6], 0.7)
    energy = bind_condition(model, {"labels": labels, "noise_level": level})
    each = np.stack(
        [model(y, {"labels": tf.fill([6], c), "noise_level": level}) for c in (0, 1)]
    )
    own = np.where(labels.numpy() == 0, each[0], each[1])
    log_class = -own - np.logaddexp(-each[0], -each[1])
    found = energy.guided(1.5)(y)
    # But for log 2, which has no slope.
    wanted = own - 1.5 * (log_class + math.log(2.0))
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)
    assert np.ptp(log_class) > 0.01


def test_guidance_asks_for_classes():
    with pytest.raises(ValueError, match="`guidance` must be 0 for"):
        walk(guidance=1.0)
