"""The study of long chains on a tiny network, without the pipeline."""

import dataclasses

import numpy as np
import pytest

from ebm_tf.box import PIXELS
from ebm_tf.energy.build import build_energy
from ebm_tf.studies.contract import Subject
from ebm_tf.studies.saturation import SaturationConfig, findings
from tests import tiny_model

CONFIG = SaturationConfig(num_chains=4, num_steps=8, every=1, num_shown=2, num_frames=3)


@pytest.fixture(scope="module")
def subject():
    config = tiny_model.run_config(False)
    return Subject(
        energy=build_energy(config.energy, tiny_model.SHAPE, seed=1),
        space=PIXELS,
        sampler=CONFIG.used_sampler(config.sample.sampler),
        examples=None,
        seed=3,
        jit=False,
    )


def test_it_finds_numbers_figures_and_a_strip(subject):
    reports = []
    told = dataclasses.replace(subject, report=lambda *count: reports.append(count))
    found = CONFIG.run(told)
    assert reports == [(step, 8) for step in range(9)]
    looks = found.tables["looks"]
    assert set(looks) == {"steps", "accept_prob", *findings.CURVES}
    assert found.details["last"] == {name: each[-1] for name, each in looks.items()}
    assert set(found.figures) == {*findings.CURVES, "strip"}
    assert found.arrays["strip"].shape == (3, 2, *tiny_model.SHAPE)
    assert found.arrays["strip"].dtype == np.uint8
    assert found.notes == {"frame_steps": [0, 4, 8]} and found.shown == ("strip",)


def test_the_same_subject_gives_the_same_findings_and_another_seed_others(subject):
    first, again = findings.find(CONFIG, subject), findings.find(CONFIG, subject)
    assert first.tables == again.tables
    np.testing.assert_array_equal(first.arrays["strip"], again.arrays["strip"])
    other = findings.find(CONFIG, dataclasses.replace(subject, seed=4))
    assert other.tables["looks"]["energy"] != first.tables["looks"]["energy"]
