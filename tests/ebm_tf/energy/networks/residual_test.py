"""Settings of residual energies."""

import pytest

from ebm_tf.energy.networks.residual import ResidualBaseConfig, ResidualConfig

BASE = {"kind": "gaussian_copula", "min_std": 0.01, "smoothing": 0.1}
GOOD = {"filters": (4,), "dense": 2, "units": 2, "slope": 4.0}


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "flow"},
        {"min_std": 0.0},
        {"smoothing": None},
        {"smoothing": -1.0},
        {"kind": "logit_gaussian"},
    ],
)
def test_bad_bases_are_refused(change):
    with pytest.raises((ValueError, TypeError)):
        ResidualBaseConfig(**BASE | change)


@pytest.mark.parametrize(
    "change", [{"filters": ()}, {"dense": 0}, {"units": 0}, {"slope": 0.0}]
)
def test_bad_networks_are_refused(change):
    with pytest.raises(ValueError):
        ResidualConfig(base=ResidualBaseConfig(**BASE), **GOOD | change)
