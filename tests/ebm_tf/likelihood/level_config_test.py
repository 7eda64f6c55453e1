"""Settings of the check along noise levels."""

import pytest

from ebm_tf.likelihood.level_config import LevelLikelihoodConfig

GOOD = {
    "num_levels": (10, 20),
    "num_chains": 4,
    "num_images": 4,
    "num_learned": 4,
    "num_replicates": 1,
    "num_reverse": 1,
    "resample": True,
    "pilot_levels": 5,
    "pilot_chains": 2,
}


@pytest.mark.parametrize(
    "name, value",
    [
        ("num_levels", ()),
        ("num_levels", (20, 10)),
        ("num_levels", (0, 10)),
        ("num_chains", 1),
        ("num_images", 1),
        ("num_learned", 1),
        ("num_replicates", 0),
        ("num_reverse", 0),
        ("resample", "yes"),
        ("pilot_levels", 0),
        ("pilot_chains", 1),
        ("corrections", -1),
        ("correction_size", 0.0),
        ("num_tried", 0),
    ],
)
def test_bad_settings_are_refused(name, value):
    with pytest.raises((ValueError, TypeError), match=f"`{name}` must be"):
        LevelLikelihoodConfig(**GOOD | {name: value})
