"""Samplers that the page offers for a model, each with settings to begin with.

Those of the model's own settings come first; others are given steps of the same length
and temperature. No TensorFlow here.
"""

import dataclasses
import math

from ebm_tf import checks
from ebm_tf.sampling.samplers import SamplerConfig
from ebm_tf.sampling.samplers.annealed import AnnealedSampler
from ebm_tf.sampling.samplers.hmc import HmcSampler
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.sampling.samplers.mala import MalaSampler
from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler

_LEAPFROG = 10
# At a noise level, as a share of it.
_STEP_AT_LEVEL = 0.3
_NUM_STEPS = 60
# Where chains at one level begin to be of use: not in units of the level's range.
_LEVEL = 0.3


def first_level(levels) -> float:
    """Returns the noise level that chains at one level begin with.

    Args:
        levels: Those of the energy, with `low` and `high`.
    """
    return min(max(_LEVEL, levels.low), levels.high)


def samplers(
    own: SamplerConfig, levels, num_classes: int | None
) -> dict[str, SamplerConfig]:
    """Returns samplers by kind, the model's own first.

    Args:
        own: That of the model's settings.
        levels: The noise levels of its energy, or None.
        num_classes: Of its energy, or None.
    """
    found = {}
    for made in (_plain(own), *_others(own, levels)):
        try:
            made.require_energy(levels, num_classes)
        except checks.InputError:
            continue
        found.setdefault(made.kind, made)
    return found or {own.kind: _plain(own)}


def _plain(sampler: SamplerConfig) -> SamplerConfig:
    """Returns a sampler without a pilot run, which would keep everybody waiting."""
    if not sampler.needs_pilot:
        return sampler
    return dataclasses.replace(sampler, adapt=None)


def _others(own: SamplerConfig, levels) -> list[SamplerConfig]:
    if levels is None:
        num, noise, temperature = own.num_steps, _noise(own), _temperature(own)
    else:
        num, noise = _NUM_STEPS, _STEP_AT_LEVEL * first_level(levels)
        temperature = 1.0
    if not (noise > 0 and temperature > 0):
        return []
    step = {"step_size": noise**2 / (2.0 * temperature), "noise_std": noise}
    made = [
        LangevinSampler(num_steps=num, **step),
        AnnealedSampler(num_steps=num, first_noise_std=4.0 * noise, **step),
        MalaSampler(num_steps=num, **step),
        HmcSampler(
            num_steps=max(1, num // _LEAPFROG),
            num_leapfrog=_LEAPFROG,
            step_size=noise / 2.0,
            temperature=temperature,
        ),
    ]
    return made if levels is None else [_down(levels), *made]


def _down(levels) -> ReverseDiffusionSampler:
    low = min(max(levels.low, 0.004), levels.high)
    return ReverseDiffusionSampler(num_steps=_NUM_STEPS, last_level=low)


def _noise(sampler) -> float:
    """Returns the length of a step, in units of the state."""
    if hasattr(sampler, "time_step"):
        return math.sqrt(2.0 * _temperature(sampler) * sampler.time_step)
    if hasattr(sampler, "noise_std"):
        return sampler.noise_std
    return getattr(sampler, "step_size", 0.0)


def _temperature(sampler) -> float:
    return getattr(sampler, "temperature", 1.0)
