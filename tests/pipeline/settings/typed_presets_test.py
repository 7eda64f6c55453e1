"""Presets as settings: changes by field, by block, and by settings made already."""

import pytest

from ebm_tf.objectives.denoising import DenoisingConfig
from pipeline.settings import typed_presets


def test_sections_are_those_of_the_whole():
    whole = typed_presets.read("digits")
    assert typed_presets.train("digits") == whole.train
    assert typed_presets.network("digits") == whole.energy
    assert typed_presets.sampler("digits") == whole.sample.sampler
    assert typed_presets.likelihood("digits") == whole.evaluate.likelihood
    assert "digits" in typed_presets.names()


def test_a_change_is_a_field_or_a_block_or_settings():
    plain = typed_presets.train("digits")
    blocks = {"langevin": {"num_steps": 3}}
    changed = typed_presets.train("digits", num_updates=7, objective=blocks)
    assert changed.num_updates == 7
    assert changed.objective.langevin.num_steps == 3
    assert changed.objective.replay == plain.objective.replay
    other = DenoisingConfig(noise_std=0.1, l2_weight=0.0, temperature=1.0)
    assert typed_presets.train("digits", objective=other).objective == other


def test_what_is_not_there_is_one_line():
    with pytest.raises(ValueError, match="has no field `nothing`"):
        typed_presets.train("digits", nothing=1)
    with pytest.raises(ValueError, match="`preset` must be one of arrays"):
        typed_presets.read("nothing")
