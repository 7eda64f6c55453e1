"""A network of classes and noise levels, and an objective that chooses the levels."""

import dataclasses
from typing import Any, ClassVar, NamedTuple

import tensorflow as tf

from ebm_tf import conditions, rng
from ebm_tf.box import PIXELS
from ebm_tf.conditions import Classes, NoiseLevel, Several
from ebm_tf.energy.build import bind_condition, build_energy
from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.energy.networks.mlp import MlpConfig
from ebm_tf.losses import contrastive
from ebm_tf.objectives import ObjectiveConfig
from ebm_tf.objectives.contract import Loss, Objective, Setup
from ebm_tf.sampling.config import LangevinConfig, ReplayConfig
from ebm_tf.sampling.langevin import langevin_chain, langevin_kernel
from ebm_tf.sampling.replay import ReplayBuffer
from ebm_tf.training.trainer import Trainer
from tests.ebm_tf.training import small

SPACE = Several({"labels": Classes(3), "noise_level": NoiseLevel(0.1, 1.0)})
NETWORK = MlpConfig(
    widths=(8,),
    scale=1.0,
    activation="swish",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
    num_classes=3,
    noise_levels=NoiseLevelConfig(low=0.1, high=1.0),
)
REPLAY = ReplayConfig(capacity=16, fresh_prob=0.25, labels="data", write="in_place")
LANGEVIN = LangevinConfig(num_steps=2, step_size=0.1, noise_std=0.01, grad_clip=None)


def network(shape, config=NETWORK):
    """Returns a network whose energies do depend on the condition."""
    model = build_energy(config, shape, seed=1)
    for index, weight in enumerate(model.trainable_variables):
        weight.assign_add(0.3 * rng.normal(rng.make_seed(index), weight.shape))
    return model


@dataclasses.dataclass(frozen=True, kw_only=True)
class LevelsConfig(ObjectiveConfig):
    """Settings of the objective; without a kind it is in no list."""

    chooses_noise_levels: ClassVar[bool] = True

    def make(self, setup: Setup) -> "LevelsObjective":
        """Returns the objective."""
        return LevelsObjective(setup)


class Batch(NamedTuple):
    data: Any
    negatives: Any
    condition: Any
    slots: Any
    write_seed: Any


class LevelsObjective(Objective):
    """Noised data against chains at the same classes and levels, kept in a buffer."""

    num_seeds = 5

    def __init__(self, setup: Setup):
        super().__init__(setup)
        self._run_chains = setup.compiled(self._chains)

    def make_memory(self, replicas, seed):
        """Returns a buffer whose slots have classes and levels."""
        energy = self.setup.energy
        return ReplayBuffer(
            energy.state_shape,
            self.setup.box,
            REPLAY,
            condition_space=energy.condition_space,
            replicas=replicas,
            seed=seed,
        )

    def _chains(self, x, condition, seed):
        energy_fn = bind_condition(self.setup.energy, condition)
        return langevin_chain(energy_fn, x, seed, LANGEVIN, self.setup.box)

    def prepare(self, data, condition, memory, seeds, update) -> Batch:
        """Returns data noised at levels of their own, and chains at the same."""
        level_seed, noise_seed, draw_seed, chain_seed, write_seed = seeds
        space = self.setup.energy.condition_space
        sigma = space.parts["noise_level"].random(level_seed, data.shape[0])
        both = {"labels": condition, "noise_level": sigma}
        condition = conditions.from_names(space, both)
        rows = tf.reshape(sigma, [-1] + [1] * (len(data.shape) - 1))
        start = memory.draw(draw_seed, data.shape[0])
        return Batch(
            data + rows * rng.normal(noise_seed, data.shape),
            self._run_chains(start.x, condition, chain_seed),
            condition,
            start.slots,
            write_seed,
        )

    def loss(self, energy, batch: Batch) -> Loss:
        """Returns the difference of mean energies."""
        energy_fn = bind_condition(energy, batch.condition)
        energies = {
            "data": energy_fn(batch.data),
            "negative": energy_fn(batch.negatives),
        }
        size = self.setup.batch_size
        value = contrastive.contrastive_divergence(
            *energies.values(), global_batch_size=size
        )
        return self.weighted({"cd": value}, {"cd": 1.0}, energies)

    def store(self, memory, batch: Batch) -> None:
        """Keeps the ends of chains with their conditions."""
        memory.write(batch.slots, batch.negatives, batch.condition, batch.write_seed)

    def preview(self):
        """Returns Langevin chains."""
        kernel = langevin_kernel(LANGEVIN, self.setup.box)
        return lambda k: kernel


def trainer(strategy, objective=None, **changes) -> Trainer:
    """Returns a new trainer on the images of `small`."""
    config = small.train_config(objective=objective or LevelsConfig(), **changes)
    with strategy.scope():
        energy = build_energy(NETWORK, small.SHAPE, seed=0)
    return Trainer(energy, PIXELS, config, seed=0, strategy=strategy)


def batches(first: int, last: int):
    """Yields the batches of `small`, with labels of three classes."""
    for stored, labels in small.batches(first, last):
        yield stored, labels % 3
