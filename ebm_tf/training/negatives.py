"""How the chains of an update are run: one function for each kind of sampler."""

import functools
from collections.abc import Callable

from ebm_tf.box import Box
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.sampling.adaptive_hmc import adaptive_hmc_chain
from ebm_tf.sampling.langevin import langevin_steps
from ebm_tf.training.config import TrainConfig
from ebm_tf.training.schedules import chain_settings
from ebm_tf.training.terms import Chain

# `(x, labels, seed, update) -> Chain`: from where chains start, `[B, ...]`, under which
# labels, or None, and the number of the update, from 0.
RunChains = Callable[..., Chain]


def make_chains(energy: EnergyModel, box: Box, config: TrainConfig) -> RunChains:
    """Returns what runs the chains of an update. It may be compiled."""
    make = _langevin_chains if config.objective.hmc is None else _hmc_chains
    return make(energy, box, config)


def _langevin_chains(energy: EnergyModel, box: Box, config: TrainConfig) -> RunChains:
    settings_of = chain_settings(config)
    last = config.objective.num_grad_steps
    first = config.objective.langevin.num_steps - last

    def run(x, labels, seed, update):
        energy_fn = bind_condition(energy, labels)
        settings = settings_of(energy_fn, x, update)
        steps = functools.partial(langevin_steps, energy_fn, seed=seed, config=settings)
        before = steps(x, box=box, first=0, num_steps=first)
        end = steps(before, box=box, first=first, num_steps=last)
        return Chain(before, end, labels, seed, settings, {})

    return run


def _hmc_chains(energy: EnergyModel, box: Box, config: TrainConfig) -> RunChains:
    def run(x, labels, seed, update):
        end, accept_prob, step_size = adaptive_hmc_chain(
            bind_condition(energy, labels),
            x,
            seed,
            config.objective.hmc,
            box,
            temperature=config.objective.langevin.temperature,
            num_steps=config.objective.langevin.num_steps,
        )
        reports = {"accept_prob": accept_prob, "step_size": step_size}
        return Chain(end, end, labels, seed, None, reports)

    return run
