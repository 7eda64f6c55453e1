"""Settings of the study of long chains."""

import dataclasses

import pytest

from ebm_tf import settings
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.studies import StudyConfig
from ebm_tf.studies.saturation import SaturationConfig

CONFIG = SaturationConfig(
    num_chains=64, num_steps=80, every=4, num_shown=3, num_frames=5
)


@pytest.mark.parametrize(
    "name, value",
    [
        ("num_chains", 1),
        ("num_steps", 7),
        ("every", 11),
        ("every", 7),
        ("num_shown", 65),
        ("num_frames", 22),
        ("num_frames", 1),
    ],
)
def test_bad_settings_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(CONFIG, **{name: value})


def test_it_is_registered_and_says_what_it_only_shows():
    assert StudyConfig.of_kind("saturation") is SaturationConfig
    assert not CONFIG.needs_examples
    assert settings.display_fields(CONFIG) == ["num_shown", "num_frames"]


def test_its_chains_are_as_long_as_it_says():
    sampler = LangevinSampler(num_steps=3, step_size=0.1, noise_std=0.0, grad_clip=None)
    longer = CONFIG.used_sampler(sampler)
    assert longer == dataclasses.replace(sampler, num_steps=80)
