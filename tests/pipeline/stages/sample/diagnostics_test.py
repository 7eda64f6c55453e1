"""Looks at chains on their way: which chains, when, and what they tell."""

import numpy as np
import pytest

from pipeline.stages.sample import diagnostics
from pipeline.stages.sample.diagnostics import Observer


def watch(num, labels, states):
    """Returns the summary of an observer that is shown `states` at its looks."""
    observer = Observer(num, labels, states.shape[1])
    observer.start(states[0] - 0.25)
    for x in states[: len(observer.looks)]:
        observer.look(x, x.sum(axis=-1))
    return observer.summary()


def noise(num_chains):
    return np.random.RandomState(0).normal(size=(20, num_chains, 3)).astype(np.float32)


def test_looks_are_over_the_later_half():
    assert Observer(1000, None, 4).looks[0] == 500
    looks = Observer(1000, None, 4).looks
    assert looks[-1] == 1000 and len(looks) == 20
    assert set(np.diff(looks)) <= {26, 27}
    assert Observer(4, None, 4).looks == [2, 3, 4]


def test_draws_that_are_independent_have_settled():
    states = noise(64)
    found = watch(1000, None, states)
    assert (found["num"], found["looks"]) == (64, 20)
    # 1,280 draws: R-hat is 1 within some 1 / sqrt(64).
    assert abs(found["r_hat"] - 1.0) < 0.05 and abs(found["energy_r_hat"] - 1.0) < 0.05
    assert 900 < found["ess"] < 1700
    assert found["late_movement"] == pytest.approx(
        np.abs(states[-1] - states[0]).mean()
    )
    moved = np.abs(states[-1] - states[0] + 0.25).mean()
    assert found["movement"] == pytest.approx(moved)
    assert "R-hat of the energy 1.0" in diagnostics.line(found)


@pytest.mark.parametrize(
    "labels",
    [np.arange(12) % 3, np.eye(3)[np.arange(12) % 3]],
    ids=["class", "numbers"],
)
def test_chains_of_one_label_are_compared(labels):
    states = noise(12) + 100.0 * (np.arange(12) % 3)[:, None]
    found = watch(1000, labels, states.astype(np.float32))
    assert found["num"] == 4 and found["r_hat"] < 1.2
    assert watch(1000, None, states.astype(np.float32))["r_hat"] > 10.0


def test_chains_of_one_class_and_level_are_compared():
    rows = np.arange(24)
    condition = {"labels": rows % 3, "noise_level": 0.1 * (1 + rows % 2)}
    states = noise(24) + 100.0 * (rows % 6)[:, None]
    found = watch(1000, condition, states.astype(np.float32))
    assert found["num"] == 4 and found["r_hat"] < 1.2


@pytest.mark.parametrize("num, num_chains", [(4, 5), (1000, 1)])
def test_too_few_looks_or_chains_have_no_r_hat(num, num_chains):
    found = watch(num, None, noise(num_chains))
    assert found["r_hat"] is None and found["energy_ess"] is None
    assert found["movement"] > 0
    assert "R-hat" not in diagnostics.line(found)
