"""How the chains of an update are run: one function for each kind of sampler."""

import functools
from collections.abc import Callable

from ebm_tf.energy.build import bind_condition
from ebm_tf.objectives.contract import Setup
from ebm_tf.objectives.contrastive import ContrastiveConfig
from ebm_tf.objectives.contrastive.schedules import chain_settings
from ebm_tf.objectives.contrastive.terms import Chain
from ebm_tf.sampling.adaptive_hmc import adaptive_hmc_chain
from ebm_tf.sampling.langevin import langevin_steps

# `(x, condition, seed, update) -> Chain`: from where chains start, `[B, ...]`, under
# which condition, or None, and the number of the update, from 0.
RunChains = Callable[..., Chain]


def make_chains(config: ContrastiveConfig, setup: Setup) -> RunChains:
    """Returns what runs the chains of an update. It may be compiled."""
    make = _langevin_chains if config.hmc is None else _hmc_chains
    return make(config, setup)


def _langevin_chains(config: ContrastiveConfig, setup: Setup) -> RunChains:
    settings_of = chain_settings(config, setup.num_updates)
    energy, box = setup.energy, setup.box
    last = config.num_grad_steps
    first = config.langevin.num_steps - last

    def run(x, condition, seed, update):
        energy_fn = bind_condition(energy, condition)
        settings = settings_of(energy_fn, x, update)
        steps = functools.partial(langevin_steps, energy_fn, seed=seed, config=settings)
        before = steps(x, box=box, first=0, num_steps=first)
        end = steps(before, box=box, first=first, num_steps=last)
        return Chain(before, end, condition, seed, settings, {})

    return run


def _hmc_chains(config: ContrastiveConfig, setup: Setup) -> RunChains:
    energy, box = setup.energy, setup.box

    def run(x, condition, seed, update):
        end, accept_prob, step_size = adaptive_hmc_chain(
            bind_condition(energy, condition),
            x,
            seed,
            config.hmc,
            box,
            temperature=config.langevin.temperature,
            num_steps=config.langevin.num_steps,
        )
        reports = {"accept_prob": accept_prob, "step_size": step_size}
        return Chain(end, end, condition, seed, None, reports)

    return run
