"""Times annealing: chains times leapfrog steps a second.

    PYTHONPATH=. python benchmarks/annealing.py

Three ways to run the same forward AIS on a Gaussian of 100 dimensions, at 100
temperatures with HMC of 3 leapfrog steps: `ais_log_weights`; TFP's
`sample_annealed_importance_chain`, for its speed alone, as its log Z is biased; and
the same algorithm as a plain NumPy loop with the gradient written out, which no
network would offer. The ways take turns in one process, so that a busy machine
slows all of them; medians and ratios are printed. A last column times
`ais_log_weights` under XLA.
"""

import argparse
import functools
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from ebm_tf import rng
from ebm_tf.energy import analytic
from ebm_tf.likelihood import annealing, base, estimate, schedules
from ebm_tf.sampling import hmc

NUM_DIMS, NUM_TEMPERATURES, NUM_LEAPFROG, STEP_SIZE = 100, 100, 3, 0.3
generator = np.random.default_rng(0)
MEAN = generator.uniform(-0.3, 0.3, NUM_DIMS).astype(np.float32)
STD = np.exp(generator.uniform(-0.4, 0.2, NUM_DIMS)).astype(np.float32)
TARGET = analytic.DiagonalGaussian(MEAN, STD)
BASE = base.StandardNormal((NUM_DIMS,))
BETAS = schedules.linear(NUM_TEMPERATURES)


def ours(x: tf.Tensor) -> tf.Tensor:
    kernel = functools.partial(
        hmc.hmc_step, step_size=STEP_SIZE, num_leapfrog=NUM_LEAPFROG
    )
    return annealing.ais_log_weights(
        BASE, TARGET, lambda k: kernel, BETAS, x, rng.make_seed(1)
    ).log_weights


def theirs(x: tf.Tensor) -> tf.Tensor:
    return tfp.mcmc.sample_annealed_importance_chain(
        NUM_TEMPERATURES,
        BASE.log_prob,
        lambda x: -TARGET(x),
        x,
        lambda log_prob: tfp.mcmc.HamiltonianMonteCarlo(
            log_prob, step_size=STEP_SIZE, num_leapfrog_steps=NUM_LEAPFROG
        ),
        seed=rng.make_seed(1),
        parallel_iterations=1,
    )[1]


def in_numpy(x: np.ndarray) -> np.ndarray:
    """The same forward run, float32, its gradient written out by hand."""
    random = np.random.default_rng(1)
    log_w = np.zeros(len(x))
    normalizer = np.float32(NUM_DIMS / 2 * np.log(2.0 * np.pi))

    def gap(x):
        quadratic = 0.5 * np.sum(x * x - ((x - MEAN) / STD) ** 2, axis=1)
        return quadratic + normalizer

    for k in range(1, NUM_TEMPERATURES + 1):
        log_w += (BETAS[k] - BETAS[k - 1]) * gap(x)
        beta = np.float32(BETAS[k])

        def energy(x, beta=beta):
            first, second = np.sum(x * x, axis=1), np.sum(((x - MEAN) / STD) ** 2, 1)
            return 0.5 * ((1.0 - beta) * first + beta * second)

        def slope(x, beta=beta):
            return (1.0 - beta) * x + beta * (x - MEAN) / STD**2

        momentum = random.standard_normal(x.shape, dtype=np.float32)
        before = energy(x) + 0.5 * np.sum(momentum**2, axis=1)
        y, step = x, np.float32(STEP_SIZE)
        momentum = momentum - step / 2 * slope(y)
        for leap in range(NUM_LEAPFROG):
            y = y + step * momentum
            last = leap == NUM_LEAPFROG - 1
            momentum = momentum - (step / 2 if last else step) * slope(y)
        after = energy(y) + 0.5 * np.sum(momentum**2, axis=1)
        accept = np.log(random.uniform(size=len(x))) < before - after
        x = np.where(accept[:, np.newaxis], y, x)
    return log_w


def median_rates(num_chains: int, repetitions: int) -> dict[str, float]:
    """Returns chains times leapfrog steps a second of each way."""
    x = BASE.sample(num_chains, rng.make_seed(0))
    start = x.numpy()
    graph = tf.function(ours, autograph=False)
    biased = tf.function(theirs, autograph=False)
    xla = tf.function(ours, autograph=False, jit_compile=True)
    ways = {
        "ours": lambda: graph(x).numpy(),
        "TFP": lambda: biased(x).numpy(),
        "NumPy": lambda: in_numpy(start),
        "XLA": lambda: xla(x).numpy(),
    }
    times = {name: [] for name in ways}
    for turn in range(repetitions + 1):
        for name, run in ways.items():
            begin = time.perf_counter()
            log_weights = run()
            if turn:  # the first turn compiles, and checks what is timed
                times[name].append(time.perf_counter() - begin)
            elif name != "TFP":
                found = estimate.log_z_from_forward(log_weights)
                error = abs(found.value - TARGET.log_z())
                assert error < 5.0 * found.standard_error + 0.5, (name, found)
    steps = num_chains * NUM_TEMPERATURES * NUM_LEAPFROG
    return {name: steps / statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repetitions", type=int, default=5)
    repetitions = parser.parse_args().repetitions
    print(
        "| chains | ours, per second | TFP | NumPy | ours / TFP | ours / NumPy "
        "| XLA / ours |\n|---|---|---|---|---|---|---|"
    )
    for num_chains in (10, 100, 1000, 10_000):
        rate = median_rates(num_chains, repetitions)
        print(
            f"| {num_chains} | {rate['ours']:.3g} | {rate['TFP']:.3g} "
            f"| {rate['NumPy']:.3g} | {rate['ours'] / rate['TFP']:.2f} "
            f"| {rate['ours'] / rate['NumPy']:.2f} "
            f"| {rate['XLA'] / rate['ours']:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
