"""One contract for all samplers: in the box, seeded, row by row, the law they have."""

import dataclasses
import functools
import math

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.sampling import ensemble
from ebm_tf.sampling.driver import run_chain
from ebm_tf.sampling.samplers import SamplerConfig
from ebm_tf.sampling.samplers.annealed import AnnealedSampler
from ebm_tf.sampling.samplers.hmc import HmcSampler, StepAdaptation
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.sampling.samplers.mala import MalaSampler

NUM_DIMS = 2
MEAN = tf.constant([0.45, 0.5])
STD = 0.05  # ten of them to the nearest wall
TEMPERATURE = 0.5
SEED = rng.make_seed(7)
ADAPT = StepAdaptation(num_steps=60, target_accept=0.8)
# A step of 1 / 2 of what would jump to the mean, so that its bias is large.
STEP_SIZE = 0.5 * STD**2
NOISE_STD = math.sqrt(2.0 * TEMPERATURE * STEP_SIZE)
LANGEVIN = {"num_steps": 30, "step_size": STEP_SIZE, "noise_std": NOISE_STD}
# A quarter of a circle a trajectory: about half a circle would forget nothing.
HMC = HmcSampler(
    num_steps=20,
    num_leapfrog=2,
    step_size=0.8 * STD * math.sqrt(TEMPERATURE),
    temperature=TEMPERATURE,
    adapt=None,
)
SAMPLERS = {
    "langevin": LangevinSampler(**LANGEVIN, grad_clip=None),
    "annealed": AnnealedSampler(
        **LANGEVIN, grad_clip=None, first_noise_std=20.0 * NOISE_STD
    ),
    "mala": MalaSampler(**LANGEVIN),
    "hmc": HMC,
    "hmc adapted": dataclasses.replace(
        HMC, num_leapfrog=1, step_size=1e-3, adapt=ADAPT
    ),
    "mean of two": LangevinSampler(**LANGEVIN, grad_clip=None),
    "random of two": LangevinSampler(**LANGEVIN, grad_clip=None),
}


def gaussian(mean=MEAN):
    return lambda x: 0.5 * tf.reduce_sum(tf.square((x - mean) / STD), axis=-1)


def steep(x):
    """Drives every chain into the wall at 1."""
    return -30.0 * tf.reduce_sum(x, axis=-1)


def members_of(name):
    if "two" in name:
        return [gaussian(MEAN - 0.05), gaussian(MEAN + 0.05)]
    return [gaussian()]


@functools.cache
def step_size_found():
    start = PIXELS.uniform(rng.make_seed(1), (64, NUM_DIMS))
    find = tf.function(SAMPLERS["hmc adapted"].find_step_size, autograph=False)
    found = find(gaussian(), start, SEED, PIXELS)
    return float(found)


def run(name, start, seed=SEED, energy_fn=None, num_steps=None):
    """Returns the `Step` of chains from `start`, compiled."""
    config = SAMPLERS[name]
    members = members_of(name) if energy_fn is None else [energy_fn]
    joined = ensemble.mean_energy(members)

    @tf.function(autograph=False)
    def chains(x, seed):
        return run_chain(
            ensemble.sampler_of(config.kernel_at(PIXELS), members, rule),
            joined,
            x,
            seed,
            first=0,
            num_steps=num_steps or config.num_steps,
        )

    rule = "random" if name.startswith("random") else "mean"
    if config.needs_pilot:
        config = config.adapted(step_size_found())
    return chains(start, seed)


def expected_moments(name):
    """Returns mean and variance of a chain's end, by hand.

    A Langevin step is `x' - m = (1 - h) (x - m + s n)`, `h = step_size / std**2`,
    from uniform noise of mean 1/2 and variance 1/12. The exact ones have forgotten
    their start.
    """
    config = SAMPLERS[name]
    if config.is_metropolis:
        return MEAN.numpy(), TEMPERATURE * STD**2
    mean, variance = np.full(NUM_DIMS, 0.5), 1.0 / 12.0
    shrink = 1.0 - config.step_size / STD**2
    for k in range(config.num_steps):
        center, noise_std = MEAN.numpy(), config.noise_std
        if name == "annealed":
            share = k / (config.num_steps - 1)
            noise_std = config.first_noise_std ** (1 - share) * noise_std**share
        if name == "random of two":
            index, _ = ensemble.draw_member(rng.fold_in(SEED, k), 2)
            center = center + 0.05 * (2 * int(index) - 1)
        mean = center + shrink * (mean - center)
        variance = shrink**2 * (variance + noise_std**2)
    return mean, variance


@pytest.mark.parametrize("name", SAMPLERS)
def test_chains_end_with_the_law_of_the_sampler(name):
    num_chains = 20_000
    start = PIXELS.uniform(rng.make_seed(3), (num_chains, NUM_DIMS))
    x = run(name, start).x.numpy().astype(np.float64)
    mean, variance = expected_moments(name)
    error = math.sqrt(variance / num_chains)
    assert 5.0 * error < 0.1 * math.sqrt(variance)
    assert np.all(np.abs(x.mean(axis=0) - mean) < 5.0 * error)
    tolerance = 5.0 * variance * math.sqrt(2.0 / num_chains)
    # Sees a step without its correction: (1 - h)^2 s^2 / (1 - (1 - h)^2), h = 1/2.
    biased = NOISE_STD**2 / 3.0
    assert tolerance < 0.2 * abs(TEMPERATURE * STD**2 - biased)
    assert np.all(np.abs(x.var(axis=0) - variance) < tolerance)


@pytest.mark.parametrize("name", SAMPLERS)
def test_no_chain_leaves_the_box_and_none_is_stuck(name):
    start = PIXELS.uniform(rng.make_seed(4), (500, NUM_DIMS))
    moved = run(name, start, energy_fn=steep)
    x = moved.x.numpy()
    assert np.all((x >= 0.0) & (x <= 1.0))
    assert np.mean(np.any(x != start.numpy(), axis=1)) > 0.95
    assert x.mean() > 0.8  # downhill, from 0.5
    accept = moved.accept_prob.numpy()
    assert accept.shape == (500,) and np.all((accept >= 0) & (accept <= 1 + 1e-6))


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_seed_decides_and_rows_do_not_meet(name):
    start = PIXELS.uniform(rng.make_seed(5), (6, NUM_DIMS))
    other_start = tf.concat([tf.zeros((2, NUM_DIMS)), start[2:]], axis=0)
    first = run(name, start, num_steps=2).x.numpy()
    np.testing.assert_array_equal(run(name, start, num_steps=2).x, first)
    other = run(name, start, seed=rng.make_seed(8), num_steps=2).x
    assert np.abs(other - first).max() > 1e-3
    beside = run(name, other_start, num_steps=2).x.numpy()
    np.testing.assert_array_equal(beside[2:], first[2:])
    assert np.abs(beside[:2] - first[:2]).max() > 1e-3


@pytest.mark.parametrize("name", ["annealed", "hmc", "random of two"])
def test_pieces_of_a_chain_are_the_whole(name):
    config, members = SAMPLERS[name], members_of(name)
    kernel_at = ensemble.sampler_of(config.kernel_at(PIXELS), members, "random")
    start = PIXELS.uniform(rng.make_seed(5), (6, NUM_DIMS))

    @tf.function(autograph=False)
    def piece(x, first, num_steps):
        return run_chain(
            kernel_at,
            ensemble.mean_energy(members),
            x,
            SEED,
            first=first,
            num_steps=num_steps,
        )

    whole = piece(start, tf.constant(0), tf.constant(5))
    begin = piece(start, tf.constant(0), tf.constant(2))
    end = piece(begin.x, tf.constant(2), tf.constant(3))
    np.testing.assert_array_equal(end.x, whole.x)
    mean = (2.0 * begin.accept_prob + 3.0 * end.accept_prob) / 5.0
    np.testing.assert_allclose(whole.accept_prob, mean, rtol=1e-5)


def test_every_registered_sampler_is_among_them():
    """But for those of other energies, with a base or with noise: they have tests of
    their own."""
    kinds = {config.kind for config in SAMPLERS.values()}
    others = {"gradient_flow", "recovery", "reverse_diffusion", "walk_jump"}
    others |= {"whitened_hmc"}
    assert kinds | others == set(SamplerConfig.kinds())


@pytest.mark.parametrize("name", SAMPLERS)
def test_who_rejects_and_who_needs_a_pilot(name):
    config = SAMPLERS[name]
    assert config.is_metropolis == (config.kind in ("mala", "hmc"))
    assert config.depends_on_num_steps == (config.kind == "annealed")
    assert config.needs_pilot == (name == "hmc adapted")
