"""Noise that falls by the same factor at every step."""

import dataclasses

import pytest
import tensorflow as tf

from ebm_tf.sampling.samplers.annealed import AnnealedSampler

SAMPLER = AnnealedSampler(
    num_steps=5, step_size=1.0, noise_std=0.01, grad_clip=None, first_noise_std=0.16
)


@pytest.mark.parametrize(
    ("step", "noise"), [(0, 0.16), (1, 0.08), (2, 0.04), (4, 0.01), (9, 0.01)]
)
def test_noise_halves_at_every_step_and_stays_after_the_last(step, noise):
    assert float(SAMPLER.noise_at(tf.constant(step))) == pytest.approx(noise, rel=1e-5)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"first_noise_std": 0.0}, "`first_noise_std` must be at least noise_std"),
        ({"noise_std": 0.0}, "`noise_std` must be positive"),
    ],
)
def test_noise_must_fall(change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(SAMPLER, **change)
