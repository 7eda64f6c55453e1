"""What learns one task after another: the energy, and classifiers beside it.

A learner begins anew with each seed, learns from the batches of a task, once, and says
which class it takes a state for. Its functions are compiled once for all seeds.
"""

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.spectral import refresh_spectra
from ebm_tf.studies.common import energies, training
from ebm_tf.studies.continual import ContinualConfig
from ebm_tf.studies.contract import Subject
from ebm_tf.training import distribution
from ebm_tf.training.optimizer import make_optimizer
from ebm_tf.training.trainer import Trainer


class EnergyLearner:
    """The energy: an image is of the class of the lowest energy (paper, A.7).

    Args:
        config: Of the study.
        subject: With examples.
        num_updates: Of all seeds and tasks.
    """

    def __init__(self, config: ContinualConfig, subject: Subject, num_updates: int):
        self._config, self._subject = config, subject
        replay = config.objective.replay
        if config.negatives == "seen":
            # Fresh noise would have labels that nobody has seen: `begin_task` makes it.
            replay = dataclasses.replace(replay, labels="stored", fresh_prob=0.0)
        else:
            replay = dataclasses.replace(replay, labels="data")
        objective = dataclasses.replace(config.objective, replay=replay)
        settings = training.train_config(
            num_updates, config.batch_size, objective, config.optimizer
        )
        strategy = distribution.make_strategy("one")
        with strategy.scope():
            energy = new_energy(config, subject, subject.seed)
        self._trainer = Trainer(
            energy, subject.space, settings, seed=subject.seed, strategy=strategy
        )
        self._judge = energies.Evaluator(dataclasses.replace(subject, energy=energy))

    def begin(self, seed: int) -> None:
        """Takes the first weights of a seed."""
        self._seed = seed
        weights = new_energy(self._config, self._subject, seed).get_weights()
        self._trainer.energy.set_weights(weights)

    def begin_task(self, task: int, classes: np.ndarray) -> None:
        """Begins anew with the optimizer; puts noise into the buffer.

        At the first task it fills all slots. Of negatives of all classes seen, each
        later task takes over its share of the slots; of those of the task alone, the
        chains go on from what there is.

        Args:
            task: Its number, from 0.
            classes: Its classes.
        """
        restart(self._trainer.optimizer)
        [held] = self._trainer.memory.parts.values()
        slots = np.arange(held["labels"].shape[0])
        if task > 0:
            is_seen = self._config.negatives == "seen"
            slots = slots[slots % (task + 1) == task] if is_seen else slots[:0]
        if len(slots):
            seed = rng.fold_in(rng.make_seed(self._seed), task)
            shape = (len(slots), *held["states"].shape[1:])
            noise = self._subject.space.noise(seed, shape)
            stored, labels = held["states"].numpy(), held["labels"].numpy()
            stored[slots] = self._subject.space.encode(noise).numpy()
            labels[slots] = classes[np.arange(len(slots)) % len(classes)]
            held["states"].assign(stored)
            held["labels"].assign(labels)

    def learn(self, stored: np.ndarray, labels: np.ndarray) -> None:
        """Runs one update."""
        self._trainer.run_update(stored, labels)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Returns the classes of states `[N, ...]`, int `[N]`."""
        return self._judge.of_classes(x).argmin(axis=1)


class Classifier:
    """A classifier with as many hidden units as the energy has in all.

    Args:
        config: Of the study.
        subject: With examples.
        of_task: Whether it is told which classes a task has, as the energy's negatives
            are: it tells them from each other alone. Otherwise from all.
    """

    def __init__(self, config: ContinualConfig, subject: Subject, of_task: bool):
        num = config.network.num_classes
        shape = subject.examples["train"].shape
        width = config.network.num_activations(shape) or _WIDTH
        keras.utils.set_random_seed(subject.seed)
        self._model = keras.Sequential(
            [
                keras.Input(shape),
                keras.layers.Flatten(),
                keras.layers.Dense(min(width, _WIDTH), activation="swish"),
                keras.layers.Dense(num),
            ]
        )
        self._of_task, self._space, self._num = of_task, subject.space, num
        self._optimizer = make_optimizer(config.optimizer, 1)
        self._optimizer.build(self._model.trainable_variables)
        self._allowed = tf.Variable(tf.zeros([num]), trainable=False)
        self._update = tf.function(self._one_update, jit_compile=subject.jit)

    def begin(self, seed: int) -> None:
        """Takes the first weights of a seed."""
        keras.utils.set_random_seed(seed)
        fresh = keras.models.clone_model(self._model)
        self._model.set_weights(fresh.get_weights())

    def begin_task(self, task: int, classes: np.ndarray) -> None:
        """Begins anew with the optimizer."""
        restart(self._optimizer)
        out = np.zeros(self._num, np.float32)
        if self._of_task:
            out[np.setdiff1d(np.arange(self._num), classes)] = -1e9
        self._allowed.assign(out)

    def _one_update(self, x, labels):
        with tf.GradientTape() as tape:
            logits = self._model(x) + self._allowed
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
            loss = tf.reduce_mean(loss)
        weights = self._model.trainable_variables
        self._optimizer.apply(tape.gradient(loss, weights), weights)

    def learn(self, stored: np.ndarray, labels: np.ndarray) -> None:
        """Runs one update."""
        self._update(self._space.center(tf.constant(stored)), tf.constant(labels))

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Returns the classes of states `[N, ...]`, int `[N]`."""
        parts = [self._model(x[rows]).numpy() for rows in energies.batches(len(x))]
        return np.concatenate(parts).argmax(axis=1)


class SameNetwork:
    """The energy's own network, trained as a classifier that is told the task.

    It tells what comes of the network from what comes of training by samples.

    Args:
        config: Of the study.
        subject: With examples.
    """

    def __init__(self, config: ContinualConfig, subject: Subject):
        self._config, self._subject = config, subject
        self._energy = new_energy(config, subject, subject.seed)
        self._optimizer = make_optimizer(config.optimizer, 1)
        self._optimizer.build(self._energy.trainable_variables)
        first = tf.range(config.classes_per_task)
        self._classes = tf.Variable(first, trainable=False)
        self._update = tf.function(self._one_update, jit_compile=subject.jit)
        alike = dataclasses.replace(subject, energy=self._energy)
        self._judge = energies.Evaluator(alike)

    def begin(self, seed: int) -> None:
        """Takes the first weights of a seed: those of the energy."""
        fresh = new_energy(self._config, self._subject, seed)
        self._energy.set_weights(fresh.get_weights())

    def begin_task(self, task: int, classes: np.ndarray) -> None:
        """Begins anew with the optimizer."""
        restart(self._optimizer)
        self._classes.assign(classes)

    def _one_update(self, x, labels):
        classes = tf.convert_to_tensor(self._classes)
        refresh_spectra(self._energy)
        with tf.GradientTape() as tape:
            each = [self._energy(x, labels * 0 + one) for one in tf.unstack(classes)]
            loss = tf.nn.sparse_softmax_cross_entropy_with_logits(
                labels - classes[0], -tf.stack(each, axis=1)
            )
            loss = tf.reduce_mean(loss)
        weights = self._energy.trainable_variables
        gradients = tape.gradient(loss, weights)
        self._optimizer.apply([tf.convert_to_tensor(g) for g in gradients], weights)

    def learn(self, stored: np.ndarray, labels: np.ndarray) -> None:
        """Runs one update."""
        x = self._subject.space.center(tf.constant(stored))
        self._update(x, tf.constant(labels))

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Returns the classes of states `[N, ...]`, int `[N]`."""
        return self._judge.of_classes(x).argmin(axis=1)


def new_energy(config: ContinualConfig, subject: Subject, seed: int) -> EnergyModel:
    """Returns the study's network with the first weights of a seed."""
    shape = subject.examples["train"].shape
    return build_energy(config.network, shape, seed, subject.space)


# Hidden units of a classifier at most: an energy of images counts every place.
_WIDTH = 640


def restart(optimizer: keras.Optimizer) -> None:
    """Forgets the moments and the number of updates of an optimizer."""
    for variable in optimizer.variables:
        if "learning_rate" not in variable.path:
            variable.assign(tf.zeros_like(variable))
