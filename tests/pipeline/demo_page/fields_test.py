"""Controls of samplers, and what they may be set to."""

import dataclasses

import pytest

from ebm_tf.sampling.samplers import SamplerConfig
from ebm_tf.sampling.samplers.hmc import HmcSampler
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler
from pipeline.demo_page import fields

LANGEVIN = LangevinSampler(num_steps=9, step_size=0.5, noise_std=0.1)


@dataclasses.dataclass(frozen=True, kw_only=True)
class OwnSampler(SamplerConfig):
    """A sampler that the page knows nothing of."""

    kind = "of_a_user"
    how_far: float
    is_bold: bool = False


def test_every_setting_has_a_control_the_main_ones_first():
    found = fields.controls(LANGEVIN, "pixels")
    assert [control.name for control in found] == [
        *("num_steps", "step_size", "noise_std", "grad_clip"),
    ]
    assert [control.kind for control in found[:2]] == [fields.WHOLE, fields.NUMBER]
    assert found[1].unit == "pixels² per nat"
    assert [control.is_optional for control in found] == [False, False, False, True]
    down = {
        c.name: c for c in fields.controls(ReverseDiffusionSampler(num_steps=2), "")
    }
    assert down["method"].choices == ("ancestral", "heun")
    assert down["last_level"].unit == ""


def test_a_sampler_of_a_users_own_has_controls_too():
    found = fields.controls(OwnSampler(num_steps=3, how_far=0.5), "pixels")
    labels = [(control.label, control.kind) for control in found]
    assert labels == [
        ("Steps", fields.WHOLE),
        ("how far", fields.NUMBER),
        ("is bold", fields.SWITCH),
    ]


def test_what_a_page_sends_becomes_what_the_sampler_takes():
    made = fields.with_values(LANGEVIN, {"num_steps": 30.0, "noise_std": 1})
    assert (made.num_steps, made.noise_std) == (30, 1.0)
    assert isinstance(made.num_steps, int) and made.step_size == LANGEVIN.step_size


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"noise_std": -1.0}, "`noise_std` must be at least 0"),
        ({"num_steps": 2.5}, "`num_steps` must be a whole number"),
        ({"num_steps": 1e300}, "`num_steps` must be a whole number"),
        ({"num_steps": 1e10}, "`num_steps` must be at most"),
        ({"step_size": None}, "`step_size` must be given"),
        ({"step_size": float("nan")}, "`step_size` must be finite"),
        ({"step_size": "5"}, "`step_size` must be a number"),
        ({"step_sise": 1.0}, "`setting` must be one of"),
    ],
)
def test_what_does_not_fit_is_one_line(values, line):
    with pytest.raises((ValueError, TypeError)) as error:
        fields.with_values(LANGEVIN, values)
    assert line in str(error.value) and "\n" not in str(error.value)


def test_work_counts_gradients():
    assert fields.work(LANGEVIN, None) == 9
    hmc = HmcSampler(num_steps=4, num_leapfrog=10, step_size=0.1, temperature=1.0)
    assert fields.work(hmc, None) == 40
    down = ReverseDiffusionSampler(num_steps=5, method="heun", corrections=3)
    assert fields.work(down, 10) == 5 * (2 + 3)
    guided = dataclasses.replace(down, guidance=1.0)
    assert fields.work(guided, 10) == 5 * 5 * 11
