"""Energies on a small box whose log Z is known, and how to measure them."""

import dataclasses

import numpy as np

from ebm_tf import rng
from ebm_tf.analysis.likelihood_run import LikelihoodRun
from ebm_tf.box import PIXELS
from ebm_tf.energy import analytic
from ebm_tf.likelihood.config import (
    BaseConfig,
    LikelihoodConfig,
    PilotConfig,
    ScanConfig,
)
from ebm_tf.training import distribution

SHAPE = (2, 2, 1)
SLOPES = np.random.default_rng(3).normal(0.0, 4.0, [2, *SHAPE]).astype(np.float32)
TARGETS = [analytic.LinearOnBox(slope, PIXELS) for slope in SLOPES]
CONFIG = LikelihoodConfig(
    beta=1.0,
    scan=ScanConfig(
        beta_max=20.0, num_temperatures=80, num_chains=200, num_images=500, min_ess=20.0
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
