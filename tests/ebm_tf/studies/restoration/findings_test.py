"""Half of a normal state given the other half: mean and spread are formulas."""

import dataclasses

import keras
import numpy as np
import pytest

from ebm_tf import rng
from ebm_tf.box import UNIT, OpenSpace
from ebm_tf.energy.custom import as_energy
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.sampling.samplers.recovery import RecoverySampler
from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler
from ebm_tf.studies.restoration import RestorationConfig, findings
from tests.ebm_tf.studies import known

# `E(x) = |x_upper - x_lower|^2 / (2 v) + |x - 1/2|^2 / (2 w)` of a 2x2 image.
PULL, HOME = 4.0, 2.0
CONFIG = RestorationConfig(num_images=20, num_looks=3, num_shown=2, salt_share=0.5)
QUIET = LangevinSampler(num_steps=40, step_size=0.1, noise_std=0.0, grad_clip=None)


def _pair_energy():
    x = keras.Input(known.SHAPE)
    apart = keras.ops.sum(keras.ops.square(x[:, 0] - x[:, 1]), axis=[1, 2])
    home = keras.ops.sum(keras.ops.square(x - 0.5), axis=[1, 2, 3])
    made = as_energy(keras.Model(x, PULL / 2 * apart + HOME / 2 * home), known.SHAPE)
    made.space = UNIT
    return made


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    return known.examples(tmp_path_factory.mktemp("examples"))


@pytest.fixture(scope="module")
def found(examples):
    return CONFIG.run(known.subject(_pair_energy(), QUIET, examples=examples))


def test_the_lower_half_goes_to_its_mean_given_the_upper(found, examples):
    for split in ("train", "test"):
        truth = findings.energies.choose(examples[split], 20, 3).stored
        upper, lower = truth[:, 0], truth[:, 1]
        # Without noise chains end where the slope is 0.
        mean = (PULL * upper + HOME * 0.5) / (PULL + HOME)
        row = found.tables["lower_half"][split]
        # Half of the coordinates are known.
        error = np.square(mean - lower).mean() / 2.0
        assert row["error"][-1] == pytest.approx(error, rel=1e-4)
        assert row["num"] == 20
    each = np.square(mean - lower).mean(axis=(1, 2)) / 2.0
    spread = each.std(ddof=1) / np.sqrt(20)
    assert row["standard_error"][-1] == pytest.approx(spread, rel=1e-3)


def test_chains_on_the_whole_image_end_where_the_energy_is_lowest(found, examples):
    truth = findings.energies.choose(examples["test"], 20, 3).stored
    rows = found.tables["salt_and_pepper"]
    error = np.square(truth - 0.5).mean()
    assert rows["test"]["error"][-1] == pytest.approx(error, rel=1e-3)
    assert rows["steps"] == [0, 20, 40]


def test_salt_and_pepper_is_on_the_asked_share_of_pixels():
    truth = np.full([40, 25, 25, 3], 0.5, np.float32)
    salted = findings.salted(truth, 0.2, UNIT, rng.make_seed(1))
    values, counts = np.unique(salted, return_counts=True)
    assert values == pytest.approx([0.1, 0.5, 0.9])
    # 25,000 pixels: five standard errors of a share of a tenth are 0.0095.
    assert counts / counts.sum() == pytest.approx([0.1, 0.8, 0.1], abs=0.0095)
    assert np.ptp(salted, axis=-1).max() == 0.0


def test_what_it_shows(found):
    names = {"lower_half", "salt_and_pepper"}
    assert set(found.arrays) == names == set(found.tables)
    assert set(found.figures) == names | {f"{name}_errors" for name in names}
    assert found.arrays["lower_half"].shape == (3, 2, *known.SHAPE)
    ends = [f"{name}_{split}" for name in names for split in ("train", "test")]
    assert sorted(found.details) == sorted(ends)


@pytest.mark.parametrize(
    "name, value",
    [
        ("damages", ()),
        ("damages", ("lower_half", "lower_half")),
        ("damages", ("upper_half",)),
        ("num_images", 1),
        ("salt_share", 1.0),
        ("num_looks", 1),
        ("correction_size", 0.0),
    ],
)
def test_bad_settings_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(CONFIG, **{name: value})


def test_models_that_it_is_not_for(examples):
    CONFIG.require_model((2, 2, 1), None, QUIET)
    with pytest.raises(ValueError, match="`model` must be of images"):
        CONFIG.require_model((5,), None, QUIET)
    with pytest.raises(ValueError, match="`num_looks` must be at most the steps"):
        many = dataclasses.replace(CONFIG, num_looks=42)
        many.require_model((2, 2, 1), None, QUIET)
    recovery = RecoverySampler(num_steps=9, steps_per_level=2, step_size=0.5)
    with pytest.raises(ValueError, match="`sampler.kind` must be one that can begin"):
        CONFIG.require_model((2, 2, 1), None, recovery)
    half = dataclasses.replace(CONFIG, damages=("lower_half",))
    half.require_model((2, 2, 1), None, recovery)
    subject = known.subject(
        _pair_energy(), QUIET, examples=examples, space=OpenSpace(mean=0.0, std=1.0)
    )
    with pytest.raises(ValueError, match="`space` must be a box"):
        CONFIG.run(subject)
    assert CONFIG.sampler_for("lower_half", QUIET) is QUIET
    levels = ReverseDiffusionSampler(num_steps=9, start_level=0.1)
    assert CONFIG.sampler_for("lower_half", levels).start_level is None
    assert CONFIG.sampler_for("salt_and_pepper", levels).start_level == 0.3
