"""The contrastive objective: chains from the buffer, terms on the tape, ends kept."""

from collections.abc import Callable

import tensorflow as tf

from ebm_tf.energy.build import bind_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.metrics import chains
from ebm_tf.objectives.contract import Loss, Objective, Setup
from ebm_tf.objectives.contrastive import ContrastiveConfig, terms
from ebm_tf.objectives.contrastive.negatives import make_chains
from ebm_tf.objectives.contrastive.terms import Batch, Chain, Energies
from ebm_tf.sampling.langevin import langevin_kernel
from ebm_tf.sampling.replay import ReplayBuffer, ReplayPart, Replicas
from ebm_tf.types import KernelAt, Seed


class ContrastiveObjective(Objective):
    """Data against negatives; the loss is a sum of weighted terms.

    Args:
        settings: Which terms, chains and buffer.
        setup: The run.

    Raises:
        ValueError: If a term asks for classes that the energy does not have.
    """

    num_seeds = 3

    def __init__(self, settings: ContrastiveConfig, setup: Setup):
        super().__init__(setup)
        self._settings, self._weights = settings, settings.weights
        self._terms = {name: _TERMS[name](settings, setup) for name in self._weights}
        self._run_chains = setup.compiled(make_chains(settings, setup))

    def make_memory(self, replicas: Replicas, seed: Seed) -> ReplayBuffer:
        """Returns the replay buffer, of uniform noise."""
        energy = self.setup.energy
        return ReplayBuffer(
            energy.state_shape,
            self.setup.box,
            self._settings.replay,
            condition_space=energy.condition_space,
            replicas=replicas,
            seed=seed,
        )

    def prepare(self, data, condition, memory: ReplayPart, seeds, update) -> Batch:
        """Returns the data and the ends of chains that start in the buffer."""
        draw_seed, chain_seed, write_seed = seeds
        start = memory.draw(draw_seed, data.shape[0])
        use_stored = self._settings.replay.labels == "stored"
        under = start.condition if use_stored else condition
        negatives = self._run_chains(start.x, under, chain_seed, update)
        log_normalizer = None
        if "logsumexp" in self._terms:
            log_normalizer = global_log_normalizer(self.setup.energy, negatives)
        return Batch(data, condition, negatives, log_normalizer, start, write_seed)

    def loss(self, energy: EnergyModel, batch: Batch) -> Loss:
        """Returns this replica's share, differentiable in the network's weights."""
        negatives = batch.negatives
        energies = Energies(
            bind_condition(energy, batch.condition)(batch.data),
            bind_condition(energy, negatives.condition)(negatives.x),
        )
        values = {n: term(energy, batch, energies) for n, term in self._terms.items()}
        named = {"data": energies.data, "negative": energies.negatives}
        return self.weighted(values, self._weights, named)

    def store(self, memory: ReplayPart, batch: Batch) -> None:
        """Writes the ends of the chains to the buffer."""
        ends, slots = batch.negatives, batch.start.slots
        memory.write(slots, ends.x, ends.condition, batch.write_seed)

    def reports(self, batch: Batch) -> dict[str, tf.Tensor]:
        """Returns how far chains moved, how much of their ends sticks to the box, and
        what else they report."""
        ends = batch.negatives.x
        return {
            "movement": chains.mean_movement(batch.start.x, ends),
            "saturated_share": chains.saturated_share(ends, self.setup.box),
            **batch.negatives.reports,
        }

    def preview(self) -> KernelAt:
        """Returns Langevin chains, as those of the settings."""
        kernel = langevin_kernel(self._settings.langevin, self.setup.box)
        return lambda k: kernel


def global_log_normalizer(energy: EnergyModel, negatives: Chain) -> tf.Tensor:
    """Returns `log(sum(exp(-E)))` over the negatives of all replicas, nats.

    A point where replicas wait for each other: not for a compiled function.
    """
    local = bind_condition(energy, negatives.condition)(negatives.x)
    context = tf.distribute.get_replica_context()
    return tf.reduce_logsumexp(-context.all_gather(local, axis=0))


# A new term is a new function, named here.
_TERMS: dict[str, Callable[[ContrastiveConfig, Setup], terms.Term]] = {
    "cd": terms.contrastive_divergence,
    "logsumexp": terms.logsumexp_contrast,
    "softplus": terms.softplus_contrast,
    "l2": terms.magnitude,
    "kl": terms.chain_divergence,
    "gradient_penalty": terms.gradient_penalty,
    "classifier": terms.classification,
}
