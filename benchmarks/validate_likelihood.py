"""Checks log Z from AIS and reverse AIS against targets where it is known.

    PYTHONPATH=. python benchmarks/validate_likelihood.py

For each target and each of `--num_seeds` seeds a pilot run of 200 chains finds
temperatures of equal effective sample size and a step size for each. Both are then
frozen, steps jittered by up to `--jitter` against resonance, and `--num_chains` new
chains run forward from the base and backward from exact samples.

An error is judged by its own size: z is the error over its standard error. Over the
seeds, the sum of z over the root of their number is to lie within 3.3, and the sum of
z**2 below what chance exceeds once in a thousand. That needs standard errors one can
trust, an effective sample size (ESS) of 50 in every run; where a run has less, or where
chains are known to miss a part of the target that no ESS can see (the funnel), the
one-sided bound by Markov's inequality is to hold instead, and the row says so. The
program exits 1 if something does not hold.

`--only=NAME;...` takes some targets; `--flow=FILE` adds the flow of `mnist_flow.py`.
`--walls` prints another table instead: a steep linear energy on the box, with
reflecting walls and in logits.
"""

import argparse
import functools
import math
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import scipy.stats
import tensorflow as tf

from benchmarks import known_targets
from benchmarks.known_targets import Case
from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic
from ebm_tf.likelihood import (
    base,
    bidirectional,
    estimate,
    moves,
    pilot,
    replicates,
    space,
)
from ebm_tf.likelihood.config import PilotConfig
from ebm_tf.sampling import hmc

_MAX_Z, _LEAST_P = 3.3, 0.001
PILOT = PilotConfig(
    num_chains=200,
    num_moves=5,
    max_step_size=1.0,
    target_accept=0.75,
    min_relative_ess=0.8,
    max_temperatures=1000,
)


def anneal(
    case: Case, num_chains: int, jitter: float, seed: int = 0
) -> bidirectional.Sandwich:
    """Finds a path with a pilot run, freezes it, and runs along it both ways."""

    def kernel_of(step_size):
        return functools.partial(
            hmc.hmc_step, step_size=step_size, num_leapfrog=case.num_leapfrog
        )

    problem = space.Problem(case.base, case.target, kernel_of, tf.identity, tf.identity)
    if case.space != "line":
        problem = space.pose(case.space, case.base, case.target, kernel_of, PIXELS)
    seeds = rng.split(rng.make_seed(seed), 3)
    given = problem.base, problem.target_fn, problem.kernel_of
    found = pilot.equal_ess_schedule(moves.compiled(*given), PILOT, seeds[1]).refine(
        case.num_temperatures
    )
    steps = pilot.jitter(found.step_sizes, jitter)
    return bidirectional.sandwich_log_z(
        problem.base,
        problem.target_fn,
        pilot.frozen_kernels(problem.kernel_of, steps),
        found.betas,
        problem.enter(case.target.sample(num_chains, seeds[0])),
        seeds[2],
    )


def validate(name: str, case: Case, flags) -> bool:
    """Prints two rows, forward and reverse; returns whether both are right."""
    begin = time.perf_counter()
    runs = [
        anneal(case, flags.num_chains, flags.jitter, seed)
        for seed in range(flags.num_seeds)
    ]
    seconds, truth = time.perf_counter() - begin, case.target.log_z()
    sides = {
        "AIS": ([run.low for run in runs], [run.forward for run in runs], 1.0),
        "reverse": ([run.high for run in runs], [run.reverse for run in runs], -1.0),
    }
    right = True
    for kind, (found, chains, sign) in sides.items():
        errors = np.array([one.value - truth for one in found])
        ess = min(one.ess for one in found)
        missed = case.misses if sign > 0 else ""
        holds, verdict = _judge(found, chains, sign, truth, missed)
        right &= holds
        print(
            f"| {name} | {known_targets.num_dims(case)} | {case.num_temperatures} "
            f"| {kind} | {truth:.3f} | {errors.mean():+.4f} | {np.ptp(errors):.3f} "
            f"| {ess:.0f} | {verdict} | {seconds:.0f} |",
            flush=True,
        )
    return right


def _judge(found, chains, sign: float, truth: float, missed: str) -> tuple[bool, str]:
    """Returns whether the runs of one side hold, and what is said of them."""
    if missed or min(one.ess for one in found) < estimate.MIN_ESS:
        # Of reverse chains the weights are of 1 / Z: their bound is an upper one.
        told = [replicates.run_of(run.log_weights) for run in chains]
        pooled = np.logaddexp.reduce([one.log_z for one in told]) - math.log(len(told))
        bound = sign * (pooled - replicates.MARKOV)
        holds = sign * (truth - bound) >= 0
        side = "at least" if sign > 0 else "at most"
        word = "holds" if holds else "DOES NOT HOLD"
        return holds, f"{side} {bound:.2f}: {word}" + (
            f"; misses {missed}" if missed else ""
        )
    z = np.array([(one.value - truth) / one.standard_error for one in found])
    together = z.sum() / math.sqrt(len(z))
    p = scipy.stats.chi2.sf(np.sum(z**2), len(z))
    holds = abs(together) < _MAX_Z and p > _LEAST_P
    each = ", ".join(f"{one:+.1f}" for one in z)
    return holds, f"{together:+.2f} of {each}" + ("" if holds else ": OFF")


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--num_chains", type=int, default=1000)
    parser.add_argument("--num_seeds", type=int, default=5)
    parser.add_argument("--jitter", type=float, default=0.6)
    parser.add_argument("--walls", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--flow", default="")
    parser.add_argument("--flow_temperatures", type=int, default=1000)
    flags = parser.parse_args()
    print(f"{flags.num_chains} chains each way, {flags.num_seeds} seeds\n")
    if flags.walls:
        show_walls(flags.num_chains, flags.jitter)
        return
    cases = known_targets.plain() | known_targets.hard()
    if flags.flow:
        cases |= known_targets.flow(flags.flow, flags.flow_temperatures)
    wanted = [name for name in flags.only.split(";") if name] or list(cases)
    print(
        "| target | dimension | temperatures | run | true log Z | mean error "
        "| range of errors | least ESS | z over the seeds, or bound | seconds |\n"
        f"|{10 * '---|'}"
    )
    right = [validate(name, cases[name], flags) for name in wanted]
    if not all(right):
        sys.exit("validate_likelihood: a log Z is not where its own error says")


if __name__ == "__main__":
    main()
