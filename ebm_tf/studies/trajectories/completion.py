"""Chains that complete trajectories whose first and last moments are known."""

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy.build import bind_condition
from ebm_tf.sampling.chain_batches import ChainBatches, Target
from ebm_tf.studies.common import energies
from ebm_tf.studies.common.masked import MaskedEnergy
from ebm_tf.studies.contract import Subject

# Other seeds than those of the chains.
_NOISE = -1


def draws(
    subject: Subject,
    truth: np.ndarray,
    labels: np.ndarray,
    is_unknown: np.ndarray,
    num_draws: int,
) -> np.ndarray:
    """Returns trajectories with the unknown coordinates drawn by chains from noise.

    Args:
        subject: The model; its sampler runs the chains.
        truth: Trajectories whose known coordinates count, float32 `[N, T, D]`.
        labels: Of them, for an energy that depends on labels.
        is_unknown: Bool, `[T, D]`.
        num_draws: K, chains of each.

    Returns:
        Float32 `[N, K, T, D]`, moved into the state space.
    """
    kernel_at = subject.sampler.kernel_at(subject.space)
    mask = tf.constant(is_unknown)

    def target(asked):
        bound = bind_condition(subject.energy, asked["condition"])
        return Target(
            MaskedEnergy(bound, asked["known"], mask, asked["noise"]), kernel_at
        )

    seed = rng.make_seed(subject.seed)
    shape = (energies.BATCH_SIZE, *truth.shape[1:])
    chains = ChainBatches(
        target, subject.space, shape=shape, seed=seed, jit=subject.jit
    )
    repeated = np.repeat(np.arange(len(truth)), num_draws)
    # Whole batches, so that one graph serves all; what is too much is dropped.
    padding = -len(repeated) % energies.BATCH_SIZE
    repeated = np.concatenate([repeated, np.zeros(padding, repeated.dtype)])
    found = []
    for index, rows in enumerate(energies.batches(len(repeated))):
        which = repeated[rows]
        known, num = truth[which], len(which)
        space = subject.energy.condition_space
        noise_seed = rng.fold_in(seed, _NOISE - index)
        asked = {
            "condition": energies.condition_of(space, num, labels[which]),
            "known": tf.constant(known),
            "noise": rng.normal(noise_seed, known.shape),
        }
        *_, last = chains.batch(index, asked, [subject.sampler.num_steps])
        x = subject.space.clip(last.x).numpy()
        found.append(np.where(is_unknown, x, known))
        subject.report(index + 1, len(repeated) // energies.BATCH_SIZE)
    rows = np.concatenate(found)[: len(truth) * num_draws]
    return rows.reshape(len(truth), num_draws, *truth.shape[1:])


def values(subject: Subject, drawn: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns the energies of whole trajectories, at the lowest level: `[N, K]`, nats.

    Chains may be stuck far from where they would come to in the end: their energies
    tell. All draws of a row have the same known moments.

    Args:
        subject: The model.
        drawn: `[N, K, T, D]`.
        labels: Of each row.
    """
    num, num_draws = drawn.shape[:2]
    x = drawn.reshape(num * num_draws, *drawn.shape[2:])
    found = energies.Evaluator(subject).energies(
        x, np.repeat(labels, num_draws, axis=0)
    )
    return found.reshape(num, num_draws)
