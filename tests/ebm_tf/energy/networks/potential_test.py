"""Settings of a U-Net without noise levels."""

import pytest

from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.energy.networks.potential import PotentialConfig


def network(**changes):
    fields = {
        "embedding": 4,
        "patch": 2,
        "widths": (3, 4),
        "blocks": 1,
        "middle_blocks": 1,
    }
    return PotentialConfig(**fields | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"embedding": 0},
        {"patch": 0},
        {"widths": ()},
        {"blocks": 0},
        {"middle_blocks": 0},
    ],
)
def test_bad_settings_are_refused(changes):
    [name] = changes
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        network(**changes)


def test_noise_levels_are_refused_in_one_line():
    with pytest.raises(ValueError) as error:
        network(noise_levels=NoiseLevelConfig(low=0.1, high=1.0))
    text = str(error.value)
    assert text.startswith("`noise_levels` must be null: the network finds them out")
    assert "\n" not in text
