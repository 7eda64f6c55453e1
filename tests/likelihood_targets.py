"""Energies on a small box whose log Z is known, and how to measure them."""

import dataclasses

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic
from ebm_tf.likelihood.config import (
    BaseConfig,
    LikelihoodConfig,
    PilotConfig,
    ScanConfig,
)
from ebm_tf.model_likelihood.likelihood_run import LikelihoodRun
from ebm_tf.training import distribution

SHAPE = (2, 2, 1)
SLOPES = np.random.default_rng(3).normal(0.0, 4.0, [2, *SHAPE]).astype(np.float32)
TARGETS = [analytic.LinearOnBox(slope, PIXELS) for slope in SLOPES]
CONFIG = LikelihoodConfig(
    beta=1.0,
    scan=ScanConfig(
        beta_max=20.0,
        span=None,
        num_temperatures=80,
        num_chains=200,
        num_images=500,
        min_ess=20.0,
    ),
    base=BaseConfig(kind="uniform", min_std=None, num_images=10),
    space="logits",
    num_leapfrog=3,
    jitter=0.3,
    pilot=PilotConfig(
        num_chains=100,
        num_moves=3,
        max_step_size=1.0,
        target_accept=0.75,
        min_relative_ess=0.8,
        max_temperatures=200,
    ),
    num_temperatures=(20, 40),
    num_chains=300,
    num_images=100,
    chains_per_image=2,
    chains_per_batch=120,
    num_replicates=1,
)


def make_run(energy_fns=TARGETS, parts=None, report=lambda num: None, **changes):
    """Returns a run with `CONFIG`, but for the changes."""
    return LikelihoodRun(
        energy_fns,
        PIXELS,
        dataclasses.replace(CONFIG, **changes),
        seed=rng.make_seed(0),
        strategy=distribution.make_strategy("one"),
        jit=False,
        parts={} if parts is None else parts,
        report=report,
    )


class HiddenWell:
    """A linear energy on the box with a deep narrow well that chains rarely find.

    Outside a cube around `CENTER` the energy is linear, inside `sum(|x - CENTER|) /
    WIDTH - DEPTH`. At beta 1 the well, a part in 400,000 of the box, holds about half
    of the mass, and nearly all of it once beta is larger.
    """

    SHAPE = (2, 4, 1)
    CENTER, HALF, WIDTH, DEPTH = 0.75, 0.1, 0.02, 25.8
    SLOPE = np.full(SHAPE, 0.5, np.float32)

    def __init__(self):
        self._linear = analytic.LinearOnBox(self.SLOPE, PIXELS)

    def __call__(self, x):
        distance = tf.abs(x - self.CENTER)
        well = tf.reduce_sum(distance, [1, 2, 3]) / self.WIDTH - self.DEPTH
        inside = tf.reduce_max(distance, [1, 2, 3]) < self.HALF
        return tf.where(inside, well, self._linear(x))

    def log_z(self, beta: float) -> float:
        """Returns the log of the integral of `exp(-beta E)` over the box, nats."""
        rate, num = beta / self.WIDTH, self.SLOPE.size
        well = num * np.log(-2.0 * np.expm1(-rate * self.HALF) / rate)
        slopes = beta * self.SLOPE.astype(np.float64).ravel()
        whole = np.sum(np.log(-np.expm1(-slopes) / slopes))
        ends = self.CENTER + self.HALF * np.array([[-1.0], [1.0]])
        missing = np.sum(np.log(-np.diff(np.exp(-slopes * ends), axis=0) / slopes))
        parts = [beta * self.DEPTH + well, whole + np.log1p(-np.exp(missing - whole))]
        return float(np.logaddexp(*parts))

    def sample(self, num: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns `num` draws at beta 1, and whether each is in the well, int32."""
        random = np.random.default_rng(seed)
        whole = float(self._linear.log_z())
        share = 1.0 - np.exp(whole - self.log_z(1.0))
        in_well = random.random(num) < share
        quantile = random.random([num, *self.SHAPE])
        outside = -np.log1p(quantile * np.expm1(-self.SLOPE)) / self.SLOPE
        depth = -self.WIDTH * np.log1p(quantile * np.expm1(-self.HALF / self.WIDTH))
        sign = random.choice([-1.0, 1.0], quantile.shape)
        inside = self.CENTER + sign * depth
        x = np.where(in_well[:, None, None, None], inside, outside)
        return x.astype(np.float32), in_well.astype(np.int32)
