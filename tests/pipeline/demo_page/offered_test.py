"""Samplers that are offered for a model."""

import pytest

from ebm_tf.sampling.samplers.hmc import HmcSampler, StepAdaptation
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler
from pipeline.demo_page import offered

LANGEVIN = LangevinSampler(num_steps=9, step_size=0.5, noise_std=0.1)


def test_other_samplers_take_steps_of_the_same_temperature():
    found = offered.samplers(LANGEVIN, None, None)
    assert list(found) == ["langevin", "annealed", "mala", "hmc"]
    assert found["langevin"] == LANGEVIN
    temperatures = {kind: sampler.temperature for kind, sampler in found.items()}
    assert temperatures == pytest.approx(dict.fromkeys(found, 0.1**2 / (2 * 0.5)))


def test_samplers_of_noise_levels_are_offered_for_energies_of_them_alone():
    class Levels:
        low, high = 0.5, 20.0

    down = ReverseDiffusionSampler(num_steps=5)
    found = offered.samplers(down, Levels, None)
    assert list(found) == ["reverse_diffusion", "langevin", "annealed", "mala", "hmc"]
    assert found["mala"].temperature == pytest.approx(1.0)
    assert offered.first_level(Levels) == 0.5
    assert "reverse_diffusion" not in offered.samplers(LANGEVIN, None, None)


def test_a_pilot_run_is_left_out():
    adapt = StepAdaptation(num_steps=50, target_accept=0.7)
    own = HmcSampler(
        num_steps=4, num_leapfrog=10, step_size=0.1, temperature=1.0, adapt=adapt
    )
    assert offered.samplers(own, None, None)["hmc"].adapt is None


def test_chains_without_noise_have_no_temperature_to_share():
    own = LangevinSampler(num_steps=9, step_size=0.5, noise_std=0.0)
    assert list(offered.samplers(own, None, None)) == ["langevin"]
