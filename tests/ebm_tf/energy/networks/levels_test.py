"""Settings that networks of noise levels share."""

import pytest

from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.energy.networks.levels import LevelConfig, NoisedBaseConfig

BASE = {"kind": "histogram", "num_groups": 4, "smoothing": 0.1}
GOOD = {
    "base": NoisedBaseConfig(**BASE),
    "gate_scale": 1.0,
    "embedding": 4,
    "noise_levels": NoiseLevelConfig(low=0.1, high=1.0),
}


@pytest.mark.parametrize(
    "change, name",
    [
        ({"kind": "flow"}, "kind"),
        ({"num_groups": None}, "num_groups"),
        ({"num_groups": 1}, "num_groups"),
        ({"smoothing": 0.0}, "smoothing"),
        ({"kind": "normal"}, "num_groups"),
        ({"kind": "normal", "num_groups": None}, "smoothing"),
    ],
)
def test_bad_bases_are_refused(change, name):
    with pytest.raises((ValueError, TypeError), match=f"`{name}` must be"):
        NoisedBaseConfig(**BASE | change)


@pytest.mark.parametrize(
    "change, name",
    [
        ({"gate_scale": 0.0}, "gate_scale"),
        ({"gate_scale": 1e-30}, "gate_scale..2"),
        ({"embedding": 0}, "embedding"),
        ({"noise_levels": None}, "noise_levels"),
    ],
)
def test_bad_networks_are_refused(change, name):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        LevelConfig(**GOOD | change)


@pytest.mark.parametrize(
    "low, high", [(1.0, 0.1), (0.0, 1.0), (1e-60, 1.0), (1e-3, 1e38)]
)
def test_levels_out_of_order_or_beyond_float32_are_refused(low, high):
    with pytest.raises(ValueError, match="must be"):
        NoiseLevelConfig(low=low, high=high)
