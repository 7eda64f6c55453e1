"""Chains in whitened coordinates teach a residual energy what its base cannot know.

Three pixels, black or white, the third white if one alone of the others is: every
pair is independent, so a Gaussian of scores learns nothing, and the truth is log 2
better than its marginals.
"""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.residual import ResidualBaseConfig, ResidualConfig
from ebm_tf.objectives.persistent import PersistentConfig, RestartConfig
from ebm_tf.objectives.persistent.objective import ages_of
from ebm_tf.training.config import OptimizerConfig
from ebm_tf.training.trainer import Trainer
from tests.ebm_tf.training import small

SHAPE = (1, 3, 1)
OBJECTIVE = PersistentConfig(
    num_steps=1,
    num_leapfrog=4,
    step_size=0.2,
    max_step_size=0.6,
    target_accept=0.8,
    adapt_rate=0.05,
    jitter=0.3,
)
NETWORK = ResidualConfig(
    base=ResidualBaseConfig(kind="gaussian_copula", min_std=0.01, smoothing=0.1),
    filters=(8,),
    dense=8,
    units=16,
    slope=4.0,
)


def parity(num, seed):
    bits = np.random.default_rng(seed).integers(0, 2, (num, 2))
    third = bits[:, :1] ^ bits[:, 1:]
    levels = 255 * np.concatenate([bits, third], axis=1)
    return levels.reshape(num, *SHAPE).astype(np.uint8)


RESTART = RestartConfig(every=8, annealing=3)


def made(num_updates, batch_size=64, objective=OBJECTIVE):
    strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
    with strategy.scope():
        energy = build_energy(NETWORK, SHAPE, 0, PIXELS)
    energy.fit_base([PIXELS.decode(parity(2000, 0), rng.make_seed(0)).numpy()])
    config = small.train_config(
        num_updates=num_updates,
        batch_size=batch_size,
        objective=objective,
        optimizer=OptimizerConfig(
            learning_rate=0.03,
            final_learning_rate=0.002,
            beta_1=0.9,
            beta_2=0.99,
            epsilon=1e-6,
            num_sigmas=None,
            ema_decay=None,
        ),
    )
    return Trainer(energy, PIXELS, config, seed=0, strategy=strategy)


def batches(first, last):
    for update in range(first, last):
        yield parity(64, update + 1), np.zeros(64, np.int32)


def mean_log_likelihood(energy, num=50_000):
    """By exact samples of the base: log Z = log mean exp(-f)."""
    z = energy.base.latent.sample(num, rng.make_seed(7))
    f = energy.residual(energy.base.scores_of_latent(z)).numpy().astype(np.float64)
    weights = np.exp(-f)
    assert np.std(weights) / np.mean(weights) / np.sqrt(num) < 0.03
    x = PIXELS.decode(parity(2000, 99), rng.make_seed(8))
    return -np.mean(energy(x)) - np.log(np.mean(weights))


def test_it_learns_what_pairs_do_not_show():
    trainer = made(200)
    before = mean_log_likelihood(trainer.energy)  # that of the base: f is 0
    trainer.fit(batches)
    gain = mean_log_likelihood(trainer.energy) - before
    # Its error is the test set's and that of log Z, both under 0.03.
    assert 0.3 < gain < np.log(2) + 0.1


def test_updates_keep_chains_and_adapt_their_steps():
    trainer = made(2)
    part = trainer.memory.part(0)
    before = {name: value.numpy() for name, value in part.variables.items()}
    logs = trainer.run_update(*next(batches(0, 1)))
    assert np.any(part.variables["latents"].numpy() != before["latents"])
    error = logs["accept_prob"] - OBJECTIVE.target_accept
    rise = part.variables["log_step"].numpy() - before["log_step"]
    assert rise == pytest.approx(OBJECTIVE.adapt_rate * error, abs=1e-6)
    assert logs["gap"] == pytest.approx(0.0, abs=1e-6)  # f is 0 before the first
    assert trainer.replay()["states"].shape == (64, *SHAPE)


def test_chains_begin_anew_in_turn():
    ages = np.stack([ages_of(tf.constant(t), 4, 8) for t in range(8)])
    assert np.array_equal(ages[0], [0, 2, 4, 6])
    assert np.array_equal(np.sort(ages, axis=0), np.tile(np.arange(8)[:, None], 4))
    assert np.array_equal(ages[1:] - ages[:-1], np.where(ages[1:] == 0, -7, 1))


def test_chains_on_their_way_do_not_count():
    objective = dataclasses.replace(OBJECTIVE, restart=RESTART)
    trainer = made(1, objective=objective)
    part = trainer.memory.part(0)
    trained = trainer.objective
    data = PIXELS.decode(parity(64, 1), rng.make_seed(1))
    for update in range(2):
        seeds = [rng.make_seed(update)]
        before = part.variables["latents"].numpy()
        batch = trained.prepare(data, None, part, seeds, tf.constant(update))
        ages = ages_of(tf.constant(update), 64, 8).numpy()
        new = np.any(batch.start.numpy() != before, axis=1)
        assert np.array_equal(new, ages == 0)
        weights = batch.weights.numpy()
        assert np.array_equal(weights > 0, ages >= 3)
        assert weights.sum() == pytest.approx(64)
        trained.store(part, batch)


def test_a_run_that_went_on_is_that_which_never_stopped(tmp_path):
    objective = dataclasses.replace(OBJECTIVE, restart=RESTART)
    whole = made(4, objective=objective)
    whole.fit(batches)
    first = made(4, objective=objective)
    for stored, labels in batches(0, 2):
        first.run_update(stored, labels)
    first.checkpoints(str(tmp_path)).save(first.progress)
    second = made(4, objective=objective)
    assert second.restore(second.checkpoints(str(tmp_path))) == 2
    second.fit(batches)
    for name, value in whole.memory.parts["0"].items():
        assert np.array_equal(value, second.memory.parts["0"][name]), name
    for one, other in zip(whole.energy.weights, second.energy.weights, strict=True):
        assert np.array_equal(one, other), one.path


def test_other_networks_are_refused():
    with pytest.raises(ValueError, match="`objective.kind` must be for an energy"):
        small.trainer(objective=OBJECTIVE)
