"""Failures seen, settings of retries, and whole runs that fail, go back and end."""

import dataclasses
import json
import logging
import signal

import keras
import numpy as np
import pytest

from ebm_tf.interruption import Interrupted
from ebm_tf.training import recovery
from ebm_tf.training.errors import Diverged
from ebm_tf.training.recovery import Progress, Watch
from tests.ebm_tf.training import small
from tests.ebm_tf.training.small import Poison, policy

HEALTHY = {"gap": 0.0, "gradient_norm": 1.0, "saturated_share": 0.2, "movement": 0.1}


@pytest.mark.parametrize(
    ("name", "bad", "rule"),
    [
        ("gap", -2.5, "`gap` is -1.25, beyond max_gap=1,"),
        ("gap", 2.5, "`gap` is 1.25, beyond max_gap=1,"),
        ("gradient_norm", 11.0, "`gradient_norm` is 6, beyond max_gradient_norm=5,"),
        ("saturated_share", 1.9, "`saturated_share` is 1.05, beyond max_saturated"),
        ("movement", -0.09, "`movement` is 0.005, beyond min_movement=0.01,"),
    ],
)
def test_means_over_the_window_have_bounds(name, bad, rule):
    watch = Watch(policy())
    assert watch.check(HEALTHY | {name: bad}) is None  # one is not a window
    assert watch.check(HEALTHY).startswith(rule)
    assert watch.check(HEALTHY) is None
    unbounded = policy(
        max_gap=None,
        max_gradient_norm=None,
        max_saturated_share=None,
        min_movement=None,
    )
    watch = Watch(unbounded)
    assert [watch.check(HEALTHY | {name: bad}) for _ in range(3)] == [None] * 3


def test_a_watch_goes_on_with_what_another_remembers():
    first = Watch(policy())
    first.check(HEALTHY | {"gap": 2.5})
    again = Progress.from_json(Progress(recent=first.recent).to_json())
    assert Watch(policy(), again.recent).check(HEALTHY) == first.check(HEALTHY)
    assert Watch(policy()).check(HEALTHY) is None


@pytest.mark.parametrize("config", [None, policy()])
def test_a_value_that_is_not_finite_is_a_failure_at_once(config):
    arrays = {"data_energies": np.array([np.nan])}
    assert Watch(config).check(arrays | HEALTHY) is None
    assert Watch(config).check(HEALTHY | {"l2": np.inf * 1.0}) == "`l2` is inf"


def test_what_an_objective_does_not_log_is_not_watched():
    watch = Watch(policy())
    assert [watch.check({"loss": 1.0}) for _ in range(3)] == [None] * 3


def test_settings_of_a_retry():
    config = small.train_config(recovery=policy())
    assert recovery.retried(config, 0) is config
    second = recovery.retried(config, 2)
    assert second.objective.langevin.num_steps == 7  # 3 * 1.5**2, rounded up
    assert second.objective.langevin.step_size == 2.5
    assert second.objective.langevin.noise_std == config.objective.langevin.noise_std
    assert second.optimizer.learning_rate == pytest.approx(1e-5)
    assert second.optimizer.final_learning_rate == pytest.approx(1e-5)


def test_progress_is_json_and_floats_survive_to_the_bit():
    progress = Progress(update=3, retry=1, since=2, recent=({"gap": 0.1 + 0.2},))
    assert Progress.from_json(progress.to_json()) == progress
    assert json.loads(progress.to_json())["recent"] == [{"gap": 0.30000000000000004}]


# A learning rate some hundred times too high, and nothing that keeps energies small.
_HIGH = dataclasses.replace(
    small.train_config().optimizer, learning_rate=1.0, final_learning_rate=1.0
)
_GAP_ALONE = {
    "max_gradient_norm": None,
    "max_saturated_share": None,
    "min_movement": None,
    "steps_factor": 1.0,
    "step_size_factor": 1.0,
    "learning_rate_factor": 0.01,
}


def unstable(**changes):
    """Returns a trainer whose energies run away from each other by update 16."""
    found = policy(**_GAP_ALONE | {"max_gap": 0.5} | changes)
    return small.trainer(
        num_updates=24,
        optimizer=_HIGH,
        objective=small.objective(l2_weight=0.0),
        checkpoint_every=6,
        recovery=found,
    )


class Gaps(keras.callbacks.Callback):
    """The gap of every update that was not a failure."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append((batch, abs(logs["gap"])))


class Told(logging.Handler):
    """Keeps what is logged."""

    def __init__(self):
        super().__init__()
        self.messages = []

    def emit(self, record):
        self.messages.append(record.getMessage())


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that diverged once and came to its end: trainer, gaps, folder, warnings."""
    trained, gaps, told = unstable(), Gaps(), Told()
    folder = str(tmp_path_factory.mktemp("whole"))
    logging.getLogger("absl").addHandler(told)
    trained.fit(small.batches, [gaps], trained.checkpoints(folder))
    logging.getLogger("absl").removeHandler(told)
    return trained, gaps.seen, folder, told.messages


def test_a_run_that_diverges_gives_up_in_the_end(tmp_path):
    trained = unstable(max_retries=1, learning_rate_factor=1.0)
    with pytest.raises(ValueError, match="`checkpoints` must be given"):
        trained.fit(small.batches)
    with pytest.raises(Diverged, match=r"`gap` .* in retry 1, the last; .*ckpt-.*kept"):
        trained.fit(small.batches, checkpoints=trained.checkpoints(str(tmp_path)))


def test_a_run_that_diverges_goes_back_and_trains_through(whole):
    trained, seen, folder, told = whole
    assert trained.update == 24 and trained.retry == 1
    first, second = _attempts(seen)
    assert first[0][0] == 0 and second[0][0] == trained.progress.since > 0
    assert second[-1][0] == 23 and max(gap for _, gap in second[-8:]) < 0.5
    [told] = told
    assert told == (
        f"training diverged: {trained.progress.reason}: retry 1 of 2 goes on from "
        f"update {trained.progress.since} with 3 Langevin steps of size 10, "
        "learning rate 0.01"
    )
    resumed = unstable()
    assert resumed.restore(resumed.checkpoints(folder)) == 24
    assert resumed.progress == trained.progress
    assert resumed.config == trained.config != unstable().config


def _attempts(seen):
    start = next(i for i in range(1, len(seen)) if seen[i][0] <= seen[i - 1][0])
    return seen[:start], seen[start:]


class _Killed(Exception):
    """Ends a run where a kill would: nothing more is saved."""


class Kill(keras.callbacks.Callback):
    def __init__(self, trainer, retry, update):
        super().__init__()
        self._trainer, self._at = trainer, (retry, update)

    def on_train_batch_begin(self, batch, logs=None):
        if (self._trainer.retry, self._trainer.update) == self._at:
            raise _Killed


def test_a_run_killed_in_a_retry_goes_on_in_it(whole, tmp_path):
    trained = whole[0]
    killed, resumed = unstable(), unstable()
    kill = Kill(killed, 1, trained.progress.since + 3)  # before its next checkpoint
    with pytest.raises(_Killed):
        killed.fit(small.batches, [kill], killed.checkpoints(str(tmp_path)))
    assert resumed.restore(resumed.checkpoints(str(tmp_path))) == trained.progress.since
    assert resumed.retry == 1
    resumed.fit(small.batches, checkpoints=resumed.checkpoints(str(tmp_path)))
    assert resumed.progress == trained.progress
    for a, b in zip(small.state(resumed), small.state(trained), strict=True):
        np.testing.assert_array_equal(a, b)


def test_retries_that_come_to_nothing_go_further_and_further_back(tmp_path):
    trained = small.trainer(
        network=small.MLP,
        num_updates=8,
        keep_checkpoints=3,
        recovery=policy(max_gap=None, window=9),
    )
    begun = []

    class Begin(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            begun.append((trained.update, trained.retry))

    checkpoints = trained.checkpoints(str(tmp_path))
    trained.fit(small.batches, [Begin(), Poison(trained, 5, 2)], checkpoints)
    assert begun == [(0, 0), (4, 1), (2, 2)]
    assert trained.update == 8
    assert all(np.isfinite(v).all() for v in small.state(trained))
    names = {path.name for path in tmp_path.iterdir()}
    kept = ("ckpt-4-retry-2", "ckpt-6-retry-2", "ckpt-8-retry-2")
    ends = (".index", ".data-00000-of-00001")
    assert names == {name + end for name in kept for end in ends}


def test_other_noise_in_every_retry(tmp_path):
    same = policy(steps_factor=1.0, learning_rate_factor=1.0, step_size_factor=1.0)
    one, two = (small.trainer(network=small.MLP, recovery=same) for _ in range(2))
    two._set_progress(Progress(retry=1))
    for trained in (one, two):
        trained.run_update(*next(small.batches(0, 1)))
    slots = [t.memory.variables[0].numpy() for t in (one, two)]
    assert (slots[0] != slots[1]).any()


def test_a_stop_does_not_change_where_a_retry_begins(tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                signal.raise_signal(signal.SIGTERM)

    def fit(trained, folder, *callbacks):
        checkpoints = trained.checkpoints(str(folder))
        trained.restore(checkpoints)
        trained.fit(small.batches, [*callbacks, Poison(trained, 3, 1)], checkpoints)
        return trained

    found = policy(max_gap=None, window=9)
    settings = {"network": small.MLP, "recovery": found}
    whole = fit(small.trainer(**settings), tmp_path / "whole")
    with pytest.raises(Interrupted, match="stopped after update 3, saved"):
        fit(small.trainer(**settings), tmp_path / "stopped", Stop())
    gone_on = fit(small.trainer(**settings), tmp_path / "stopped")
    assert whole.progress == gone_on.progress and gone_on.progress.since == 2
    for one, two in zip(small.state(whole), small.state(gone_on), strict=True):
        np.testing.assert_array_equal(one, two)
    names = [
        sorted(path.name for path in (tmp_path / name).iterdir())
        for name in ("whole", "stopped")
    ]
    assert names[0] == names[1]
