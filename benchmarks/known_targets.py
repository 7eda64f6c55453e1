"""Targets whose log Z is known, with where annealing starts and what it may spend."""

import math
from typing import NamedTuple

import numpy as np

from benchmarks import mnist_flow
from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic, hard_targets, rbm
from ebm_tf.likelihood import base, fit


class Case(NamedTuple):
    """A target, where to start, and what to spend.

    Attributes:
        space: "line": as it is; "box": a box with reflecting walls; "logits": the
            same box, stretched over the line.
        misses: What forward chains are known to miss here; "" if nothing. Their
            estimate is then low by more than its error, and only its bound holds.
    """

    target: analytic.AnalyticEnergy
    base: base.Base
    space: str
    num_leapfrog: int
    num_temperatures: int
    misses: str = ""


def gaussian(num_dims: int) -> analytic.DiagonalGaussian:
    """Returns a Gaussian of random means and deviations."""
    generator = np.random.default_rng(num_dims)
    mean = generator.uniform(-0.5, 0.5, num_dims)
    return analytic.DiagonalGaussian(
        mean, np.exp(generator.uniform(-0.7, 0.2, num_dims))
    )


def plain() -> dict[str, Case]:
    """Returns targets that a sampler is expected to do well on, by name."""
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


def hard() -> dict[str, Case]:
    """Returns the targets of the literature, from bases as wide as they are."""

    def wide(num_dims: int, std: float) -> analytic.DiagonalGaussian:
        return analytic.DiagonalGaussian(np.zeros(num_dims), np.full(num_dims, std))

    return {
        "funnel": Case(
            hard_targets.funnel(10), wide(10, 3.0), "line", 5, 400, "the wide mouth"
        ),
        "40 Gaussians": Case(
            hard_targets.gaussians_40(2), wide(2, 30.0), "line", 5, 200
        ),
        "Student-t, 10 modes": Case(
            hard_targets.student_ts(2), wide(2, 10.0), "line", 5, 200
        ),
    }


def flow(path: str, num_temperatures: int) -> dict[str, Case]:
    """Returns the flow of `mnist_flow.py`, from a Gaussian of its samples' logits."""
    target = mnist_flow.load(path)
    x = target.sample(5000, rng.make_seed(11))
    x = np.clip(x, 1e-7, 1 - 1e-7)
    start = fit.fit_logit_gaussian(x, PIXELS, 0.1)
    return {"flow of MNIST": Case(target, start, "logits", 4, num_temperatures)}


def num_dims(case: Case) -> int:
    """Returns the dimension of a target."""
    return math.prod(case.target.state_shape)
