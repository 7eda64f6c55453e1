"""Checks log Z from AIS and reverse AIS against targets where it is known.

    PYTHONPATH=. python benchmarks/validate_likelihood.py

For each target a pilot run of 200 chains finds temperatures of equal effective
sample size and a step size for each. Both are then frozen, steps jittered by up to
`--jitter` against resonance, and `--num_chains` new chains run forward from the base
and backward from exact samples. With 1,000 chains each estimate must be within 0.05
nats of the truth (0.5 in 784 dimensions) with a standard error below half of that;
the program exits 1 if one is not. Some minutes on two idle cores.

A second table shows why kernel results are made anew at every temperature: the same
chains with results carried over, as `tfp.mcmc.sample_annealed_importance_chain` does
it, are off by many standard errors. `--walls` prints another table instead: a steep
linear energy on the box, with reflecting walls and in logits.
"""

import argparse
import functools
import math
import os
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic, rbm
from ebm_tf.likelihood import (
    annealing,
    base,
    bidirectional,
    estimate,
    pilot,
    schedules,
    space,
)
from ebm_tf.likelihood.config import PilotConfig
from ebm_tf.sampling import hmc

PILOT = PilotConfig(
    num_chains=200,
    num_moves=5,
    max_step_size=1.0,
    target_accept=0.75,
    min_relative_ess=0.8,
    max_temperatures=1000,
)


class Case(NamedTuple):
    """A target, where to start, and what to spend.

    Attributes:
        space: "line": as it is; "box": a box with reflecting walls; "logits": the
            same box, stretched over the line.
    """

    target: analytic.AnalyticEnergy
    base: base.Base
    space: str
    num_leapfrog: int
    num_temperatures: int


def gaussian(num_dims: int) -> analytic.DiagonalGaussian:
    generator = np.random.default_rng(num_dims)
    mean = generator.uniform(-0.5, 0.5, num_dims)
    return analytic.DiagonalGaussian(
        mean, np.exp(generator.uniform(-0.7, 0.2, num_dims))
    )


def cases() -> dict[str, Case]:
    generator = np.random.default_rng(0)
    mixture = analytic.GaussianMixture(
        [1.0, 2.0], [[-1.0, 0.0], [1.5, 1.0]], [[0.6, 0.8], [0.7, 0.5]]
    )
    truncated = analytic.TruncatedGaussian(
        generator.uniform(-0.2, 1.2, 10), generator.uniform(0.1, 0.5, 10), PIXELS
    )
    machine = rbm.GaussianBernoulliRbm(
        generator.normal(0.0, 0.3, (20, 12)),
        generator.normal(0.0, 0.2, 20),
        generator.normal(0.0, 0.5, 12),
        np.full(20, 0.8),
    )
    linear = analytic.LinearOnBox(generator.normal(0.0, 1.5, (28, 28, 1)), PIXELS)
    normal, uniform = base.StandardNormal, base.Uniform
    found = {
        f"Gaussian, {d}": Case(gaussian(d), normal((d,)), "line", num_leapfrog, num)
        for d, num_leapfrog, num in ((2, 3, 60), (100, 4, 500), (784, 4, 400))
    }
    return found | {
        "Gaussian mixture": Case(mixture, normal((2,)), "line", 3, 100),
        "Gaussian on the box": Case(truncated, uniform(PIXELS, (10,)), "box", 4, 500),
        "Gaussian-Bernoulli RBM": Case(machine, normal((20,)), "line", 3, 300),
        "linear, 28x28x1": Case(linear, uniform(PIXELS, (28, 28, 1)), "logits", 4, 300),
    }


def anneal(case: Case, num_chains: int, jitter: float) -> bidirectional.Sandwich:
    """Finds a path with a pilot run, freezes it, and runs along it both ways."""

    def kernel_of(step_size):
        return functools.partial(
            hmc.hmc_step, step_size=step_size, num_leapfrog=case.num_leapfrog
        )

    problem = space.Problem(case.base, case.target, kernel_of, tf.identity, tf.identity)
    if case.space != "line":
        problem = space.pose(case.space, case.base, case.target, kernel_of, PIXELS)
    found = pilot.equal_ess_schedule(
        problem.base, problem.target_fn, problem.kernel_of, PILOT, rng.make_seed(2)
    ).refine(case.num_temperatures)
    steps = pilot.jitter(found.step_sizes, jitter)
    return bidirectional.sandwich_log_z(
        problem.base,
        problem.target_fn,
        pilot.frozen_kernels(problem.kernel_of, steps),
        found.betas,
        problem.enter(case.target.sample(num_chains, rng.make_seed(1))),
        rng.make_seed(3),
    )


def validate(name: str, case: Case, num_chains: int, jitter: float) -> bool:
    """Prints two rows, forward and reverse; returns whether both are right."""
    begin = time.perf_counter()
    both = anneal(case, num_chains, jitter)
    seconds = time.perf_counter() - begin
    num_dims, right = math.prod(case.target.state_shape), True
    accuracy = 0.5 if num_dims > 100 else 0.05
    for kind, side in (("AIS", both.low), ("reverse", both.high)):
        error = side.value - case.target.log_z()
        right &= abs(error) < accuracy and side.standard_error < accuracy / 2.0
        print(
            f"| {name} | {num_dims} | {case.num_temperatures} | {kind} "
            f"| {case.target.log_z():.3f} | {side.value:.3f} | {error:+.4f} "
            f"| {side.standard_error:.4f} | {side.ess:.0f} | {seconds:.0f} |",
            flush=True,
        )
    return right


def show_walls(num_chains: int, jitter: float) -> None:
    """Prints errors on one target on the box, by space, steps and temperatures."""
    slope = np.random.default_rng(2).normal(0.0, 3.0, (28, 28, 1))
    target = analytic.LinearOnBox(slope, PIXELS)
    uniform = base.Uniform(PIXELS, (28, 28, 1))
    print(
        "| space | leapfrog steps | temperatures | error, forward | error, reverse "
        "| deviation of log w | seconds |\n|---|---|---|---|---|---|---|"
    )
    for where, num_leapfrog in (("box", 4), ("box", 12), ("logits", 2), ("logits", 4)):
        for num in (200, 800):
            begin = time.perf_counter()
            both = anneal(
                Case(target, uniform, where, num_leapfrog, num), num_chains, jitter
            )
            low, high = (side.value - target.log_z() for side in (both.low, both.high))
            deviation = np.std(both.forward.log_weights)
            print(
                f"| {where} | {num_leapfrog} | {num} | {low:+.2f} | {high:+.2f} "
                f"| {deviation:.1f} | {time.perf_counter() - begin:.0f} |",
                flush=True,
            )


def show_carried_over(num_dims: int, num: int, num_chains: int) -> None:
    """Prints our log Z and that of TFP's function at the same settings."""
    target, start = gaussian(num_dims), base.StandardNormal((num_dims,))
    step_size, num_leapfrog = 0.3, 3
    x = start.sample(num_chains, rng.make_seed(1))
    kernel = functools.partial(
        hmc.hmc_step, step_size=step_size, num_leapfrog=num_leapfrog
    )

    def ours(x):
        return annealing.ais_log_weights(
            start, target, lambda k: kernel, schedules.linear(num), x, rng.make_seed(2)
        ).log_weights

    def theirs(x):
        return tfp.mcmc.sample_annealed_importance_chain(
            num,
            start.log_prob,
            lambda x: -target(x),
            x,
            lambda log_prob: tfp.mcmc.HamiltonianMonteCarlo(
                log_prob, step_size=step_size, num_leapfrog_steps=num_leapfrog
            ),
            seed=rng.make_seed(3),
        )[1]

    functions: dict[str, Callable] = {"made anew": ours, "carried over": theirs}
    for kind, function in functions.items():
        weights = tf.function(function, autograph=False)(x)
        found = estimate.log_z_from_forward(weights)
        error = found.value - target.log_z()
        print(
            f"| {num_dims} | {num} | {kind} | {error:+.4f} "
            f"| {found.standard_error:.4f} | {error / found.standard_error:+.1f} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--num_chains", type=int, default=1000)
    parser.add_argument("--jitter", type=float, default=0.6)
    parser.add_argument("--walls", action="store_true")
    flags = parser.parse_args()
    num_chains = flags.num_chains
    print(f"{num_chains} chains each way\n")
    if flags.walls:
        show_walls(num_chains, flags.jitter)
        return
    print(
        "| target | dimension | temperatures | run | true log Z | estimate | error "
        "| standard error | ESS | seconds |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    right = [
        validate(name, case, num_chains, flags.jitter) for name, case in cases().items()
    ]
    print(
        "\n| dimension | temperatures | kernel results | error | standard error "
        "| in standard errors |\n|---|---|---|---|---|---|"
    )
    for num_dims, num in ((4, 10), (20, 20), (100, 200)):
        show_carried_over(num_dims, num, 10 * num_chains)
    if not all(right):
        sys.exit("validate_likelihood: an estimate is not as accurate as promised")


if __name__ == "__main__":
    main()
