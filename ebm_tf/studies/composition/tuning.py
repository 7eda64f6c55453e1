"""Joined networks trained further, through the chains that sample them.

[1] Du and Mordatch, 2019, appendix A.8: "we only use the above term when fine-tuning
    combinations of energy functions in zero shot combination".
    https://arxiv.org/abs/1903.08689
"""

import contextlib
from collections.abc import Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy.spectral import refresh_spectra
from ebm_tf.losses import contrastive, kl
from ebm_tf.sampling.driver import run_chain, run_chain_through
from ebm_tf.studies.composition import TuningConfig
from ebm_tf.studies.composition.joins import Composed
from ebm_tf.studies.contract import Subject
from ebm_tf.types import Seed


@contextlib.contextmanager
def tuned(
    composed: Composed,
    config: TuningConfig,
    subject: Subject,
    images: np.ndarray,
    labels: Sequence[np.ndarray],
) -> Iterator[None]:
    """Within the block the networks of a composition are trained further.

    Each update lowers the joined energy of images that have what it is asked for,
    raises it at the ends of chains, and moves weights so that chains end lower [1].
    After the block weights are what they were.

    Args:
        composed: Of energies without noise levels.
        config: How.
        subject: Of the study.
        images: As they are stored, `[N, ...]`.
        labels: Of each term, theirs, `[N]` or `[N, K]`.
    """
    models = list({id(model): model for model in composed.models}.values())
    before = [model.get_weights() for model in models]
    update = tf.function(
        Update(composed, config, subject, models),
        autograph=False,
        jit_compile=subject.jit,
    )
    seed = rng.fold_in(rng.make_seed(subject.seed), _SEED)
    draw = np.random.default_rng(subject.seed)
    for number in range(config.num_updates):
        rows = draw.integers(0, len(images), config.batch_size)
        given = composed.conditions_of([label[rows] for label in labels])
        update(tf.constant(images[rows]), given, rng.fold_in(seed, number))
    try:
        yield
    finally:
        for model, weights in zip(models, before, strict=True):
            model.set_weights(weights)


# Of the seeds of updates, apart from those of samples.
_SEED = 1_000_000


class Update:
    """One update of the networks of a composition.

    Args:
        composed: The composition.
        config: Of the tuning.
        subject: Of the study.
        models: Its networks.
    """

    def __init__(self, composed: Composed, config: TuningConfig, subject, models):
        self._composed, self._config, self._subject = composed, config, subject
        self._models = models
        self._weights = [w for model in models for w in model.trainable_variables]
        self._optimizer = keras.optimizers.Adam(
            config.learning_rate, beta_1=0.0, beta_2=0.999
        )
        self._optimizer.build(self._weights)

    def __call__(self, stored: tf.Tensor, given, seed: Seed) -> None:
        """Runs it on images and what they have, conditions of `composed`."""
        data_seed, start_seed, chain_seed = rng.split(seed, 3)
        x = self._subject.space.decode(stored, data_seed)
        start = self._subject.space.noise(start_seed, x.shape)
        with tf.GradientTape() as tape:
            loss = self.loss(x, start, given, chain_seed)
        gradients = tape.gradient(loss, self._weights)
        # A weight that no condition of the batch asks for has none.
        pairs = zip(gradients, self._weights)
        filled = [
            tf.zeros_like(w) if g is None else tf.convert_to_tensor(g) for g, w in pairs
        ]
        self._optimizer.apply(filled, self._weights)
        for model in self._models:
            refresh_spectra(model)

    def loss(self, x: tf.Tensor, start: tf.Tensor, given, seed: Seed) -> tf.Tensor:
        """Returns what an update lowers, a scalar.

        Args:
            x: Images, float32 `[B, ...]`.
            start: Where chains start, likewise.
            given: Conditions of `composed`.
            seed: `int32[2]`.
        """
        config, sampler = self._config, self._subject.sampler
        energy_fn, num = self._composed.energy_at(given), config.batch_size
        kernel_at = sampler.kernel_at(self._subject.space)
        first = sampler.num_steps - config.num_grad_steps
        middle = run_chain(kernel_at, energy_fn, start, seed, num_steps=first).x
        ends = run_chain_through(
            kernel_at,
            energy_fn,
            middle,
            seed,
            num_steps=config.num_grad_steps,
            first=first,
        )
        low, high = energy_fn(x), energy_fn(tf.stop_gradient(ends))
        each = {"global_batch_size": num}
        through = kl.chain_divergence(
            energy_fn, ends, entropy_weight=0.0, neighbour=1, **each
        )
        return (
            contrastive.contrastive_divergence(low, high, **each)
            + config.l2_weight * contrastive.magnitude(low, high, **each)
            + config.kl_weight * through
        )
