"""The chains of `sample`: which energies, which sampler, batch after batch.

TensorFlow is imported here.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from ebm_tf import checks, conditions, rng
from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.sampling import ensemble
from ebm_tf.sampling.chain_batches import (
    ChainBatches,
    Target,
    TargetAt,
    start_states,
)
from ebm_tf.sampling.config import ProcessConfig
from ebm_tf.sampling.process import ReplayProcess
from ebm_tf.sampling.samplers import SamplerConfig

from ...settings.config import SampleConfig
from .diagnostics import Observer
from .starts import Starts

# Of the batch that a pilot run draws; those of images are numbered from 0.
_PILOT = -1


class Group(NamedTuple):
    """Images made together.

    Attributes:
        x: States, float32 `[G, ...]`.
        condition: Its parts by name, arrays `[G, ...]`; none of an unconditional model.
        energies: float32 `[G]`, nats, of the states.
        accept_prob: Mean acceptance probability of each chain, float32 `[G]`.
        stored: The states as they are stored.
    """

    x: tf.Tensor
    condition: dict[str, np.ndarray]
    energies: np.ndarray
    accept_prob: np.ndarray | None
    stored: np.ndarray


class Chains:
    """The chains that a request asks for.

    Args:
        models: The energy network, or several of an ensemble.
        config: The request.
        seed: A whole number; group i depends on `fold_in(seed, i)`.
        jit: Whether to compile with XLA.

    Attributes:
        group_size: Images made together.
        space: The state space.

    Raises:
        ValueError: If the models are of different states, spaces or conditions.
    """

    def __init__(
        self, models: Sequence[EnergyModel], config: SampleConfig, seed: int, jit: bool
    ):
        first = models[0]
        for model in models[1:]:
            mine, others = (
                {
                    "shape": m.state_shape,
                    "space": str(m.space),
                    "condition": str(m.condition_space),
                }
                for m in (first, model)
            )
            checks.require(mine == others, "member", f"of {mine}", others)
        self._models, self._config, self._jit = models, config, jit
        self._seed = rng.make_seed(seed)
        self._shape = first.state_shape
        self._condition_space = first.condition_space
        self.space = first.space
        self._sampler = config.sampler
        process = config.process
        self.group_size = config.batch_size if process is None else process.capacity
        self._batches = self._make_batches(self._sampler, config.batch_size)
        self._process = None if process is None else self._make_process(process)

    def find_step_size(self, starts: Starts) -> float:
        """Runs the pilot of a sampler that adapts; returns the step size, pixels.

        It starts where the first images do: the step of one place is not another's.
        """
        size = self._config.batch_size
        condition, stored = starts.condition(0, size), starts.stored(0, size)
        seed = rng.fold_in(self._seed, _PILOT)
        start_seed, pilot_seed = rng.split(seed, 2)
        shape = (size, *self._shape)
        x = start_states(self.space, shape, stored, start_seed)

        @tf.function(autograph=False, jit_compile=self._jit)
        def find(x, condition, seed):
            energy_fn = ensemble.mean_energy(self._members(condition))
            return self._sampler.find_step_size(energy_fn, x, seed, self.space)

        return float(find(x, _tensors(condition), pilot_seed))

    def set_step_size(self, step_size: float) -> None:
        """Freezes the step size that the pilot found."""
        self._sampler = self._sampler.adapted(step_size)
        self._batches = self._make_batches(self._sampler, self._config.batch_size)

    def strips(self, condition, steps: Sequence[int]) -> np.ndarray:
        """Returns chains from noise, uint8 `[T, B, ...]`, at the numbers of steps."""
        batches = self._make_batches(self._sampler, self._config.num_strips)
        states = batches.batch(0, _tensors(condition), steps)
        return np.stack([self.space.encode(state.x).numpy() for state in states])

    def batch(
        self,
        first: int,
        starts: Starts,
        steps: Sequence[int],
        observer: Observer | None = None,
    ) -> Iterator[tuple[np.ndarray, Group | None]]:
        """Runs one batch of plain chains, from image `first` on.

        In pieces, so that a signal need not wait for the whole chain.

        Args:
            first: Number of the first image.
            starts: Where the chains start.
            steps: Numbers of steps, increasing, from 0 to the last.
            observer: Who looks at the chains on their way, if anyone.

        Yields:
            At each of `steps` the first images, uint8 `[num_strips, ...]`, and at the
            last of them the group, else None.
        """
        size = self._config.batch_size
        condition = starts.condition(first, size)
        stored = starts.stored(first, size)
        looks = observer.looks if observer else []
        all_steps = sorted({*steps, *looks})
        batch = self._batches.batch(
            first // size, _tensors(condition), all_steps, stored
        )
        for step, state in zip(all_steps, batch, strict=True):
            if observer and step == 0:
                observer.start(state.x)
            if step in looks:
                observer.look(state.x, self._energies(state.x, condition))
            if step in steps:
                group = None
                if step == steps[-1]:
                    accept_prob = state.accept_prob.numpy()
                    group = self._group(state.x, condition, accept_prob)
                frame = state.x[: self._config.num_strips]
                yield self.space.encode(frame).numpy(), group

    def process(
        self,
        first: int,
        starts: Starts,
        on_round: Callable[[int], None],
        observer: Observer | None = None,
    ) -> Group:
        """Runs one buffer of the process of A.2, for the images from `first` on.

        Args:
            first: Number of the first image, a multiple of `group_size`.
            starts: What the buffer holds at first.
            on_round: Called after each round with its number, from 1.
            observer: Who looks at the buffer after some rounds, if anyone.
        """
        size = self.group_size
        condition = starts.condition(first, size)
        stored = starts.stored(first, size)
        rounds = self._process.buffer(first // size, _tensors(condition), stored)
        for number, held in enumerate(rounds, start=1):
            last = held
            if observer and number in observer.looks:
                energies = self._energies(held.x, _arrays(held.condition))
                observer.look(held.x, energies)
            on_round(number)
        return self._group(last.x, _arrays(last.condition), None)

    def _group(self, x, condition, accept_prob) -> Group:
        stored = self.space.encode(x).numpy()
        energies = self._energies(x, condition)
        named = conditions.by_name(self._condition_space, condition)
        return Group(x, named, energies, accept_prob, stored)

    def _energies(self, x, condition) -> np.ndarray:
        energies, size = [], self._config.batch_size
        for begin in range(0, len(x), size):
            rows = slice(begin, begin + size)
            few = conditions.gather(condition, np.arange(len(x))[rows])
            energies.append(self._batches.energy(x[rows], few).numpy())
        return np.concatenate(energies)

    def _members(self, condition) -> list:
        return [bind_condition(model, condition) for model in self._models]

    def _targets(self, config: SamplerConfig) -> TargetAt:
        kernel_at = config.kernel_at(self.space)
        rule = self._config.ensemble

        def target_at(condition: conditions.Condition) -> Target:
            members = self._members(condition)
            sampler = ensemble.sampler_of(kernel_at, members, rule)
            return Target(ensemble.mean_energy(members), sampler)

        return target_at

    def _make_process(self, process: ProcessConfig) -> ReplayProcess:
        noise_std = self._sampler.noise_std * process.noise_factor
        noisy = dataclasses.replace(self._sampler, noise_std=noise_std)
        return ReplayProcess(
            self._targets(noisy),
            process,
            self.space,
            shape=self._shape,
            num_chains=self._config.batch_size,
            condition_space=self._condition_space,
            seed=self._seed,
            jit=self._jit,
        )

    def _make_batches(self, config: SamplerConfig, num: int) -> ChainBatches | None:
        if config.needs_pilot:
            return None  # until the step size is found
        shape = (num, *self._shape)
        return ChainBatches(
            self._targets(config),
            self.space,
            shape=shape,
            seed=self._seed,
            jit=self._jit,
        )


def _arrays(condition):
    return conditions.each(np.asarray, condition)


def _tensors(condition):
    return conditions.each(tf.constant, condition)
