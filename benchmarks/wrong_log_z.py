"""How an estimate of log Z can be precise and wrong, on targets where it is known.

    PYTHONPATH=. python benchmarks/wrong_log_z.py

1. Kernel results that are kept from one temperature to the next, as
   `tfp.mcmc.sample_annealed_importance_chain` (0.25) keeps them, against results made
   anew, on Gaussians, and on the example of TFP's issue 1429 [1], which says that the
   function's own example "consistently gives bad results". Its target is a normalized
   density, so its log Z is 0 - not the -2.197 that the example compares with.
2. A bracket that is tight and wrong: reverse chains from the ends of forward chains,
   not from exact samples, where the base has met one of two modes alone. Both sides
   agree, and are wrong together by log 100. Exact samples, or a second base, show it.

[1] https://github.com/tensorflow/probability/issues/1429
"""

import argparse
import functools
import os
from collections.abc import Callable

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import tensorflow as tf
import tensorflow_probability as tfp

from benchmarks import known_targets
from ebm_tf import rng
from ebm_tf.energy import analytic
from ebm_tf.likelihood import annealing, base, estimate, replicates, schedules
from ebm_tf.sampling import hmc

tfd = tfp.distributions


def issue_1429() -> analytic.AnalyticEnergy:
    """Returns the target of the issue: logs of 20 gamma variables, normalized."""
    gammas = tfd.Sample(tfd.Gamma(2.0, 3.0), [20])
    logs = tfp.bijectors.Invert(tfp.bijectors.Exp())
    return analytic.FromDistribution(tfd.TransformedDistribution(gammas, logs))


def show_carried_over(
    name: str, target: analytic.AnalyticEnergy, settings, num_chains: int
) -> None:
    """Prints our log Z and that of TFP's function at the same settings."""
    num, step_size, num_leapfrog = settings
    start = base.StandardNormal(target.state_shape)
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

    functions: dict[str, Callable] = {"made anew": ours, "kept": theirs}
    for kind, function in functions.items():
        weights = tf.function(function, autograph=False)(x)
        found = estimate.log_z_from_forward(weights)
        error = found.value - target.log_z()
        print(
            f"| {name} | {num} | {kind} | {error:+.4f} | {found.standard_error:.4f} "
            f"| {found.ess:.0f} | {error / found.standard_error:+.1f} |",
            flush=True,
        )


def show_bracket(num_chains: int, num: int) -> None:
    """Prints both sides of a bracket whose base meets one of two modes alone."""
    two = tfd.MixtureSameFamily(
        tfd.Categorical(probs=[0.01, 0.99]),
        tfd.MultivariateNormalDiag([[0.0, 0.0], [12.0, 12.0]], tf.ones([2, 2])),
    )
    target = analytic.FromDistribution(two)
    kernel = functools.partial(hmc.hmc_step, step_size=0.5, num_leapfrog=4)
    betas = schedules.log_spaced(1e-5, num)
    # Bases: one that lies on the smaller mode, and one that is as wide as the target.
    near, wide = (
        analytic.DiagonalGaussian([0.0, 0.0], [std, std]) for std in (1.5, 12.0)
    )

    def run(function, start, x, place):
        def go(x):
            return function(
                start, target, lambda k: kernel, betas, x, rng.make_seed(place)
            )

        return tf.function(go, autograph=False)(x)

    def forward(start, place):
        x = start.sample(num_chains, rng.make_seed(place))
        return run(annealing.ais_log_weights, start, x, place + 1)

    def reverse(start, x, place):
        return run(annealing.reverse_ais_log_weights, start, x, place)

    first = forward(near, 1)
    exact = target.sample(num_chains, rng.make_seed(7))
    rows = {
        "forward, from a base on the small mode": (first.log_weights, "low"),
        "reverse, from the ends of those chains": (
            reverse(near, first.x, 5).log_weights,
            "none",
        ),
        "reverse, from exact samples": (reverse(near, exact, 6).log_weights, "high"),
        "forward, from a base as wide as the target": (
            forward(wide, 8).log_weights,
            "low",
        ),
    }
    for name, (weights, side) in rows.items():
        is_reverse = name.startswith("reverse")
        make = (
            estimate.log_z_from_reverse if is_reverse else estimate.log_z_from_forward
        )
        found = make(weights)
        print(
            f"| {name} | {found.value:+.3f} | {_error(found.standard_error)} "
            f"| {found.ess:.0f} | {side} |",
            flush=True,
        )
    # What needs no trust in the ESS.
    bound = replicates.log_z([replicates.run_of(first.log_weights)])
    print(f"\nby Markov's inequality, the first row alone: {bound.value:.2f} or more")


def _error(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--bracket", action="store_true", help="the second table alone")
    if not parser.parse_args().bracket:
        show_kept()
    print(
        "\n1000 chains, 300 temperatures; two modes 17 apart, of weight 0.01 and 0.99; "
        "true log Z is 0\n\n| run | log Z | standard error | ESS | errs on average "
        "|\n|---|---|---|---|---|"
    )
    show_bracket(1000, 300)


def show_kept() -> None:
    """Prints the table of kept results."""
    num_chains = 10_000
    print(
        f"{num_chains} chains\n\n| target | temperatures | kernel results | error "
        "| standard error | ESS | in standard errors |\n|---|---|---|---|---|---|---|"
    )
    for num_dims, num in ((4, 10), (20, 20), (100, 200)):
        target = known_targets.gaussian(num_dims)
        name = f"Gaussian, {num_dims}"
        show_carried_over(name, target, (num, 0.3, 3), num_chains)
    show_carried_over("TFP issue 1429", issue_1429(), (1000, 0.2, 2), 1000)


if __name__ == "__main__":
    main()
