"""Runs of a few updates: repeated, resumed, on one replica and on two, stopped."""

import os
import signal

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import UNIT
from ebm_tf.interruption import Interrupted
from ebm_tf.sampling.config import AugmentConfig, LangevinConfig
from ebm_tf.training import distribution
from ebm_tf.training.errors import Diverged
from ebm_tf.training.trainer import Trainer
from tests.ebm_tf.training import small


def assert_equal_states(one, two):
    for a, b in zip(small.state(one), small.state(two), strict=True):
        np.testing.assert_array_equal(a, b)


def fitted(**changes):
    trained = small.trainer(**changes)
    trained.fit(small.batches)
    return trained


@pytest.fixture(scope="module")
def undisturbed():
    """A run of every update; only looked at."""
    return fitted(network=small.MLP)


def test_an_update_moves_weights_spectra_and_drawn_slots():
    trained = small.trainer()
    before = small.state(trained)
    spectra = [v.numpy() for v in trained.energy.non_trainable_variables]
    slots = trained.memory.variables[0].numpy()
    trained.run_update(*next(small.batches(0, 1)))
    assert trained.update == 1
    for old, new in zip(before, small.state(trained), strict=True):
        assert old.shape == new.shape
    moved = [
        (old != new.numpy()).any()
        for old, new in zip(
            spectra, trained.energy.non_trainable_variables, strict=True
        )
    ]
    assert all(moved)
    changed = (slots != trained.memory.variables[0].numpy()).any(axis=(1, 2, 3))
    assert changed.sum() == trained.config.batch_size


def test_training_widens_the_gap_between_data_and_noise():
    trained = small.trainer(num_updates=40)
    trained.fit(small.batches)
    data = tf.constant(next(small.batches(0, 1))[0] / 255.0, tf.float32)
    noise = tf.random.stateless_uniform(data.shape, [1, 2])
    untrained = small.trainer().energy
    before = tf.reduce_mean(untrained(noise) - untrained(data))
    after = tf.reduce_mean(trained.energy(noise) - trained.energy(data))
    assert after > before + 0.01


def test_one_seed_one_result():
    run = fitted()
    assert_equal_states(run, fitted())
    first, other = small.state(run), small.state(fitted(seed=1))
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path):
    folder = str(tmp_path / "checkpoints")
    crops = AugmentConfig(prob=1.0, flip=True, max_shift=2, border="zero")
    part = small.trainer(num_updates=4, augment=crops)
    part.fit(small.batches, checkpoints=part.checkpoints(folder))
    resumed = small.trainer(augment=crops)
    assert resumed.restore(resumed.checkpoints(folder)) == 4
    resumed.fit(small.batches)
    assert_equal_states(resumed, fitted(augment=crops))


class _FixedStarts:
    """Chain starts that do not depend on the number of replicas."""

    def __init__(self, part, starts):
        self._draw, self._starts = part.draw, starts

    def __call__(self, seed, batch_size):
        return self._draw(seed, batch_size)._replace(x=self._starts)


def _update_with_fixed_starts(strategy):
    quiet = LangevinConfig(num_steps=3, step_size=10.0, noise_std=0.0, grad_clip=None)
    trained = small.trainer(strategy, objective=small.objective(langevin=quiet))
    starts = tf.random.stateless_uniform([4, *small.SHAPE], [0, 5])
    num = strategy.num_replicas_in_sync
    for replica, rows in enumerate(tf.split(starts, num)):
        part = trained.memory.part(replica)
        part.draw = _FixedStarts(part, rows)
    # Dequantization is noise too: levels are decoded to the middle of their bins.
    trained._step.box = _Quiet()
    for stored, labels in small.batches(0, 3):
        logs = trained.run_update(stored, labels)
    return [v.numpy() for v in trained.energy.variables], logs


class _Quiet:
    """The pixel box without the noise of `decode`."""

    def __getattr__(self, name):
        return getattr(small.PIXELS, name)

    def decode(self, stored, seed):
        return small.PIXELS.center(stored)


def test_two_replicas_give_the_update_of_one():
    one, logs_one = _update_with_fixed_starts(distribution.make_strategy("one"))
    two, logs_two = _update_with_fixed_starts(distribution.make_strategy("cpu:2"))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    assert logs_one["gap"] == pytest.approx(logs_two["gap"], abs=1e-5)
    assert logs_two["negative_energies"].shape == (4,)


def test_a_distributed_run_resumes_with_each_part_of_the_buffer(tmp_path):
    strategy = distribution.make_strategy("cpu:2")
    whole = small.trainer(strategy, network=small.MLP)
    whole.fit(small.batches)
    part = small.trainer(strategy, network=small.MLP, num_updates=4)
    part.fit(small.batches, checkpoints=part.checkpoints(str(tmp_path)))
    resumed = small.trainer(strategy, network=small.MLP)
    resumed.restore(resumed.checkpoints(str(tmp_path)))
    resumed.fit(small.batches)
    assert_equal_states(resumed, whole)
    one, two = (resumed.memory.part(r).states(8).numpy() for r in (0, 1))
    assert (one != two).any()


def test_a_batch_must_divide_by_the_replicas():
    strategy = distribution.make_strategy("cpu:2")
    with pytest.raises(ValueError, match=r"divisible by the 2 replicas.*batch_size=5"):
        small.trainer(strategy, batch_size=5)


def test_a_value_that_is_not_finite_stops_the_run_and_keeps_the_last_good(tmp_path):
    trained = small.trainer(network=small.MLP)
    checkpoints = trained.checkpoints(str(tmp_path))

    class Poison(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 3:
                head = trained.energy.head.kernel
                head.assign(head * np.nan)

    with pytest.raises(Diverged, match=r"`loss` is nan at update 4; .*ckpt-2 is kept"):
        trained.fit(small.batches, [Poison()], checkpoints)
    assert trained.restore(checkpoints) == 2
    assert all(np.isfinite(v).all() for v in small.state(trained))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_after_the_update_under_way(tmp_path, number, undisturbed):
    trained = small.trainer(network=small.MLP)
    checkpoints = trained.checkpoints(str(tmp_path))

    class Signal(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 2:
                os.kill(os.getpid(), number)

    with pytest.raises(Interrupted, match="stopped after update 3, saved") as stopped:
        trained.fit(small.batches, [Signal()], checkpoints)
    assert stopped.value.exit_code == 128 + number
    resumed = small.trainer(network=small.MLP)
    assert resumed.restore(resumed.checkpoints(str(tmp_path))) == 3
    resumed.fit(small.batches)
    assert_equal_states(resumed, undisturbed)


def test_the_average_becomes_the_model_with_spectra_of_its_own():
    trained = fitted()
    kernel = trained.energy.head.kernel
    averages = trained.optimizer._model_variables_moving_average
    index = trained.optimizer._get_variable_index(kernel)
    average, last = averages[index].numpy(), kernel.numpy()
    assert (average != last).any()
    trained.adopt_average()
    np.testing.assert_array_equal(kernel.numpy(), average)
    sigma = np.linalg.svd(trained.energy.dense.normalized_kernel())[1][0]
    assert abs(sigma - 1.0) < 1e-3


def test_only_the_newest_checkpoints_stay(tmp_path):
    trained = small.trainer(network=small.MLP)
    trained.fit(small.batches, checkpoints=trained.checkpoints(str(tmp_path)))
    indexes = sorted(path.name for path in tmp_path.glob("*.index"))
    assert indexes == ["ckpt-4.index", "ckpt-6.index"]


def test_in_bfloat16_variables_stay_float32_and_the_loss_is_close():
    exact, coarse = (small.trainer(dtype=d) for d in ("float32", "bfloat16"))
    batch = next(small.batches(0, 1))
    before = small.state(coarse)
    one, two = exact.run_update(*batch), coarse.run_update(*batch)
    variables = [*coarse.energy.variables, *coarse.optimizer.variables]
    assert {v.dtype for v in variables} <= {"float32", "int64"}
    assert two["data_energies"].dtype == np.float32
    # 8 bits of precision, 0.4 %, through six layers.
    size = max(np.abs(one[f"{part}_energies"]).max() for part in ("data", "negative"))
    for name in ("loss", "data_energy", "negative_energy"):
        assert 0 < abs(one[name] - two[name]) < 0.025 * size, name
    moved = [np.any(a != b) for a, b in zip(before, small.state(coarse), strict=True)]
    assert all(moved[: len(coarse.energy.trainable_variables)])


def test_a_network_of_another_type_is_refused():
    trained = small.trainer()
    config = small.train_config(dtype="bfloat16")
    with pytest.raises(ValueError, match="`energy` must be .* computes in bfloat16"):
        Trainer(trained.energy, trained.box, config, seed=0, strategy=trained.strategy)


def test_data_of_another_dtype_than_the_stored_one_are_refused_by_name():
    trained = small.trainer()
    floats = np.zeros([trained.config.batch_size, *small.SHAPE], np.float32)
    labels = np.zeros(len(floats), np.int32)
    with pytest.raises(TypeError) as caught:
        trained.fit(lambda first, last: [(floats, labels)])
    assert str(caught.value) == (
        "`batch` must be uint8, as the box [0, 1] in 256 levels stores states "
        "(`encode` makes it of float states). Received: float32"
    )
    assert trained.update == 0


def test_a_network_of_another_space_is_refused():
    trained = small.trainer()
    assert trained.energy.space == small.PIXELS
    with pytest.raises(ValueError, match="`box` must be the network's own state space"):
        Trainer(trained.energy, UNIT, trained.config, seed=0, strategy=trained.strategy)


def one_batch(num=4, shape=small.SHAPE, level=0):
    return np.full([num, *shape], level, np.uint8), np.zeros(num, np.int32)


@pytest.mark.parametrize(
    "batch, text",
    [
        (one_batch(num=7), "`batch` must be [4, 8, 8, 1], `batch_size` states"),
        (one_batch(num=3), "Received: batch=[3, 8, 8, 1]"),
        (one_batch(shape=(8, 8)), "Received: batch=[4, 8, 8]"),
    ],
)
def test_a_batch_of_another_size_is_refused_and_changes_nothing(batch, text):
    trained = small.trainer()
    before = small.state(trained)
    with pytest.raises(ValueError) as caught:
        trained.fit(lambda first, last: [batch])
    assert text in str(caught.value)
    for old, new in zip(before, small.state(trained), strict=True):
        np.testing.assert_array_equal(old, new)


def test_fit_stops_at_its_updates_and_raises_when_batches_run_out(tmp_path):
    trained = small.trainer(network=small.MLP, num_updates=2)
    trained.fit(lambda first, last: small.batches(first, last + 40))
    assert trained.update == 2
    short = small.trainer(network=small.MLP, num_updates=5)
    checkpoints = short.checkpoints(str(tmp_path))
    with pytest.raises(ValueError) as caught:
        short.fit(lambda first, last: small.batches(0, 3), checkpoints=checkpoints)
    assert "`batches` must be enough for 5 updates" in str(caught.value)
    assert "an end after 3, saved" in str(caught.value)
    assert checkpoints.latest_update == 3


def test_a_gap_of_0_for_long_is_told(caplog):
    trained = small.trainer(network=small.MLP, num_updates=104)
    for weight in trained.energy.trainable_variables:
        weight.assign(weight * 0.0)  # one energy for all, and no slope to leave it by
    trained.fit(lambda first, last: [one_batch()] * 104)
    told = [r.getMessage() for r in caplog.records if "gap of energies" in r.message]
    assert len(told) == 1 and told[0].startswith("update 100: the gap of energies has")


def test_a_network_with_dropout_is_refused():
    class Dropping(small.ConvNetConfig.network_class()):
        def build_weights(self):
            self.dropout = keras.layers.Dropout(0.5)
            super().build_weights()

    config = small.train_config()
    energy = Dropping(small.trainer().energy.config, small.SHAPE)
    with pytest.raises(ValueError, match="`energy` must be without layers.*Dropout"):
        strategy = tf.distribute.OneDeviceStrategy("/cpu:0")
        Trainer(energy, small.PIXELS, config, seed=0, strategy=strategy)


def test_a_network_made_outside_of_the_scope_is_refused():
    strategy = distribution.make_strategy("cpu:2")
    outside = small.trainer().energy
    with pytest.raises(ValueError) as caught:
        Trainer(outside, small.PIXELS, small.train_config(), seed=0, strategy=strategy)
    text = str(caught.value)
    assert text.startswith("`energy` must be made within `with strategy.scope():`")
    assert "2 replicas" in text and "\n" not in text
