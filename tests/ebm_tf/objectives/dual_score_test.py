"""Dual score matching: on Gaussians and mixtures everything it learns is known."""

import dataclasses
import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import OpenSpace
from ebm_tf.condition_kinds import NoiseLevel
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.energy.networks.level_mlp import LevelMlpConfig
from ebm_tf.energy.networks.levels import NoisedBaseConfig
from ebm_tf.losses.score import dual_score_matching
from ebm_tf.objectives import dual_score
from ebm_tf.objectives.contract import Setup
from ebm_tf.objectives.dual_score import (
    DualScoreConfig,
    HighLevelsConfig,
    LevelDrawConfig,
    TwoLevelsConfig,
)
from ebm_tf.training import distribution
from ebm_tf.training.config import OptimizerConfig
from ebm_tf.training.trainer import Trainer
from tests.ebm_tf.noised_mixture import NoisedMixture
from tests.ebm_tf.training import small

OPTIMIZER = OptimizerConfig(
    learning_rate=5e-3,
    final_learning_rate=5e-5,
    beta_1=0.9,
    beta_2=0.99,
    epsilon=1e-8,
    ema_decay=0.99,
    ema_start="zeros",
)
DRAW = LevelDrawConfig(uniform_share=0.3, log_mean=-1.0, log_std=1.0)
TINY = DualScoreConfig(levels=DRAW, level_weight=1.0)
LEVELS = NoiseLevel(0.05, 10.0)


def network(**changes) -> LevelMlpConfig:
    fields = {
        "base": NoisedBaseConfig(kind="normal"),
        "gate_scale": 1.0,
        "embedding": 16,
        "widths": (8,),
        "noise_levels": NoiseLevelConfig(low=LEVELS.low, high=LEVELS.high),
    }
    return LevelMlpConfig(**fields | changes)


NETWORK = network()


def mixture():
    means, stds = [[-1.0, 0.0], [1.0, 0.5]], [[0.2, 0.3], [0.3, 0.2]]
    return NoisedMixture(means, stds, [0.3, 0.7], LEVELS)


def draw(num, seed=0):
    """Returns states of the mixture without noise, noise, and levels."""
    level_seed, state_seed, noise_seed = rng.split(rng.make_seed(seed), 3)
    x = mixture().sample(num, 0.0, state_seed)
    sigma = DRAW.draw(level_seed, num, LEVELS.low, LEVELS.high)
    return x, rng.normal(noise_seed, [num, 2]), sigma


def loss(energy_fn, num=100_000):
    found = dual_score_matching(energy_fn, *draw(num))
    return np.mean(found.space), np.mean(found.level), found


def test_both_terms_are_least_at_the_density_with_the_noise():
    exact = mixture()

    def truth(y, sigma):
        return -exact.log_prob(y, sigma)

    def tilted(y, sigma):  # another slope in the state, the same in the level
        return truth(y, sigma) + 0.3 * tf.sin(y[:, 0])

    def shifted(y, sigma):  # another slope in the level alone: log Z is not 0
        return truth(y, sigma) + 0.5 * tf.math.log(sigma)

    space, level, found = loss(truth)
    errors = [float(np.std(part)) / math.sqrt(len(part)) for part in found[:2]]
    assert loss(tilted)[0] > space + 5 * errors[0]
    assert loss(shifted)[0] == pytest.approx(space, rel=1e-5)
    # d = 2: the slope of the shift is 0.5 / (2 d), squared.
    assert loss(shifted)[1] == pytest.approx(level + 1 / 64, abs=5 * errors[1])
    assert 5 * errors[1] < 1 / 64


def test_levels_are_drawn_as_the_settings_say():
    sigma = DRAW.draw(rng.make_seed(1), 50_000, LEVELS.low, LEVELS.high).numpy()
    assert sigma.min() >= LEVELS.low and sigma.max() <= LEVELS.high
    for level in (0.1, 0.4, 2.0):
        share = DRAW.share_below(level, LEVELS.low, LEVELS.high)
        assert abs(np.mean(sigma < level) - share) < 4 * 0.5 / math.sqrt(50_000)
    assert DRAW.share_below(LEVELS.high, LEVELS.low, LEVELS.high) == 1.0


def test_decades_take_all_levels_up():
    bands = dual_score._bands(DRAW, LEVELS)
    assert [name for name, *_ in bands] == [f"space_1e{p}" for p in (-2, -1, 0)]
    assert sum(share for *_, share in bands) == pytest.approx(1.0)
    assert bands[-1][2] == math.inf


def test_high_levels_weigh_up_to_the_most():
    weights = HighLevelsConfig(scale=0.5, most=5.0).at(tf.constant([0.0, 0.5, 100.0]))
    np.testing.assert_allclose(weights, [1.0, 2.0, 5.0])


def two_levels_loss(energy_fn, num=100_000, spread=1.0):
    """Returns the mean of the third term, and its standard error, by its definition."""
    config = dataclasses.replace(
        TINY, two_levels=TwoLevelsConfig(weight=1.0, spread=spread)
    )
    energy = build_energy(NETWORK, (2,), 0)
    setup = Setup(energy, None, num, 6, lambda fn: fn)
    objective = config.make(setup)
    x, _, _ = draw(num)
    batch = objective.prepare(x, None, None, rng.split(rng.make_seed(2), 3), 0)
    rows = batch.sigma[:, None]
    own = energy_fn(x + rows * batch.noise, batch.sigma)
    told = objective._told_apart(lambda y, s: energy_fn(y, s), batch, own)
    return np.mean(told), float(np.std(told)) / math.sqrt(num)


def test_two_levels_are_best_told_apart_by_the_density():
    exact = mixture()

    def truth(y, sigma):
        return -exact.log_prob(y, sigma)

    least, error = two_levels_loss(truth)
    assert 0.0 < least < math.log(2.0)  # better than a guess
    for factor in (-0.5, 0.5):  # log Z that is not 0, and rises or falls
        more, _ = two_levels_loss(
            lambda y, s: truth(y, s) + factor * tf.math.log(s)  # noqa: B023
        )
        assert more > least + 2 * error


@pytest.fixture(scope="module")
def trained():
    """A network trained on the mixture for some seconds."""
    space = OpenSpace(mean=0.0, std=1.0)
    config = network(widths=(64, 64), embedding=32)
    states = mixture().sample(20_000, 0.0, rng.make_seed(7)).numpy()
    settings = small.train_config(
        objective=DualScoreConfig(
            levels=DRAW,
            level_weight=1.0,
            high_levels=HighLevelsConfig(scale=0.5, most=4.0),
        ),
        num_updates=1500,
        batch_size=256,
        optimizer=OPTIMIZER,
    )
    strategy = distribution.make_strategy("one")
    with strategy.scope():
        energy = build_energy(config, (2,), 0, space)
    energy.fit_base([states])
    trainer = Trainer(energy, space, settings, seed=0, strategy=strategy)
    random = np.random.default_rng(0)

    def batches(first, last):
        for _ in range(first, last):
            yield (
                states[random.integers(len(states), size=256)],
                np.zeros(256, np.int32),
            )

    trainer.fit(batches)
    trainer.adopt_average()
    return energy


@pytest.mark.parametrize("sigma", [0.05, 0.3, 1.0, 10.0])
def test_a_trained_energy_is_the_density_and_normalized(trained, sigma):
    exact = mixture()
    y = exact.sample(4000, sigma, rng.make_seed(9))
    learned = -trained(y, tf.fill([4000], sigma))
    apart = (learned - exact.log_prob(y, sigma)).numpy()
    # The mean is minus the divergence from the truth, less log Z.
    assert abs(apart.mean()) < 0.1
    assert np.mean(np.abs(apart)) < 0.2


def test_levels_have_to_be_given():
    energy = small.trainer(distribution.make_strategy("one")).energy
    setup = Setup(energy, None, 4, 6, lambda fn: fn)
    with pytest.raises(ValueError, match="`energy.noise_levels` must be given"):
        TINY.make(setup)
