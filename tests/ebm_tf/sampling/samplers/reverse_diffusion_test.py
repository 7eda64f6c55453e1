"""Settings of walks through noise levels."""

import pytest

from ebm_tf.condition_kinds import NoiseLevel
from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler

LEVELS = NoiseLevel(0.01, 20.0)


def test_the_ladder_is_that_of_the_energy_unless_the_settings_say_another():
    ladder = ReverseDiffusionSampler(num_steps=9).ladder(LEVELS)
    assert (ladder.high, ladder.low, ladder.num) == (20.0, 0.01, 9)
    sampler = ReverseDiffusionSampler(num_steps=3, start_level=5.0, last_level=0.5)
    ladder = sampler.ladder(LEVELS)
    assert (ladder.high, ladder.low, ladder.num) == (5.0, 0.5, 3)


@pytest.mark.parametrize(
    "field, value",
    [
        ("method", "euler"),
        ("rho", 0.5),
        ("rho", 1000.0),
        ("last_level", -1.0),
        ("start_level", 0.0),
        ("corrections", -1),
        ("correction_size", 0.0),
        ("guidance", -1.0),
    ],
)
def test_settings_out_of_range_are_refused(field, value):
    with pytest.raises(ValueError, match=f"`{field}` must be"):
        ReverseDiffusionSampler(num_steps=3, **{field: value})


@pytest.mark.parametrize(
    "settings, levels, num_classes, name",
    [
        ({}, None, None, "sampler.kind"),
        ({"start_level": 30.0}, LEVELS, None, "start_level"),
        ({"last_level": 2.0, "start_level": 1.0}, LEVELS, None, "last_level"),
        ({"guidance": 1.0}, LEVELS, None, "guidance"),
    ],
)
def test_an_energy_that_cannot_be_walked_is_refused(
    settings, levels, num_classes, name
):
    sampler = ReverseDiffusionSampler(num_steps=3, **settings)
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        sampler.require_energy(levels, num_classes)
    sampler = ReverseDiffusionSampler(num_steps=3, guidance=1.0)
    sampler.require_energy(LEVELS, 3)
