"""Settings of persistent chains; small ones, and a network for them."""

import dataclasses

import pytest

from ebm_tf.energy.networks.residual import ResidualBaseConfig, ResidualConfig
from ebm_tf.objectives.persistent import PersistentConfig, RestartConfig

TINY = PersistentConfig(
    num_steps=1,
    num_leapfrog=2,
    step_size=0.2,
    max_step_size=0.4,
    target_accept=0.8,
    adapt_rate=0.05,
    jitter=0.3,
    restart=RestartConfig(every=4, annealing=1),
)
NETWORK = ResidualConfig(
    base=ResidualBaseConfig(kind="logit_gaussian", min_std=0.01),
    filters=(2, 2),
    dense=2,
    units=2,
    slope=2.0,
)


@pytest.mark.parametrize(
    "change",
    [
        {"num_steps": 0},
        {"num_leapfrog": 0},
        {"step_size": 0.0},
        {"max_step_size": 0.1},
        {"target_accept": 1.0},
        {"adapt_rate": 0.0},
        {"jitter": 1.0},
    ],
)
def test_bad_settings_are_refused(change):
    [name] = change
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(TINY, **change)


@pytest.mark.parametrize("change", [{"every": 1}, {"annealing": 0}, {"annealing": 4}])
def test_bad_restarts_are_refused(change):
    [name] = change
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(TINY.restart, **change)
