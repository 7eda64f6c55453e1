"""Networks from their configurations, bound to conditions, saved and loaded."""

import contextlib
import random

import keras
import numpy as np
import tensorflow as tf

from ebm_tf import checks, resources, rng, settings
from ebm_tf.box import StateSpace, of_old_format
from ebm_tf.condition_kinds import Classes, NoiseLevel
from ebm_tf.conditions import (
    Condition,
    by_name,
    from_names,
    parts_of,
    require_condition,
)
from ebm_tf.energy import keras_files, size
from ebm_tf.energy.custom import KerasEnergy, require_classes
from ebm_tf.energy.joined import MixedEnergy
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.spectral import refresh_spectra
from ebm_tf.energy.sublayers import all_layers
from ebm_tf.types import EnergyFn, Seed

# u starts at random; this many power iterations bring sigma within some percent.
_FIRST_ITERATIONS = 20
# Keras finds the classes of a file among those that are imported.
for _kind in NetworkConfig.kinds():
    NetworkConfig.of_kind(_kind).network_class()


def build_energy(
    config: NetworkConfig,
    shape: tuple[int, ...],
    seed: int,
    space: StateSpace | None = None,
) -> EnergyModel:
    """Returns a new network with weights that depend on `seed` alone.

    Args:
        config: Which network.
        shape: Shape of one state: `(H, W, C)`, `(T, D)` for a sequence, or `(D,)`
            for an MLP.
        seed: A whole number, at least 0.
        space: The state space, or None for who trains it to say.

    Returns:
        The model, built, its spectra estimated.

    Raises:
        ValueError: If there is not the memory for its weights.
    """
    size.require_memory(config, shape)
    with _seeded(seed):
        model = config.make(shape)
    model.space = space
    _initialize(model, seed)
    refresh_spectra(model, _FIRST_ITERATIONS)
    return model


@contextlib.contextmanager
def _seeded(seed: int):
    """Within the block, Keras draws weights that have no seed from this one."""
    before = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(before)


def _initialize(model: keras.Model, seed: int) -> None:
    """Draws kernels and `u` anew, each from its own seed and no global one.

    The weights of a user's own network stay: it may have been trained before.
    """
    layers = all_layers(model)
    own = [part.network for part in layers if isinstance(part, KerasEnergy)]
    kept = {id(layer) for network in own for layer in all_layers(network)}
    drawn = [
        layer
        for layer in layers
        if "seed" in _drawn_by(layer) and id(layer) not in kept
    ]
    for index, layer in enumerate(drawn):
        kernel_seed, u_seed = map(
            int, np.random.SeedSequence([seed, index]).generate_state(2) >> 1
        )
        draw = type(layer.kernel_initializer).from_config(
            _drawn_by(layer) | {"seed": kernel_seed}
        )
        layer.kernel.assign(draw(layer.kernel.shape))
        if hasattr(layer, "u"):
            draw = keras.initializers.RandomNormal(stddev=1.0, seed=u_seed)
            layer.u.assign(draw(layer.u.shape))


def _drawn_by(layer) -> dict:
    """Returns the settings of a layer's initial kernel; none if it has no kernel."""
    initializer = getattr(layer, "kernel_initializer", None)
    return {} if initializer is None else initializer.get_config()


class BoundEnergy:
    """An energy network at a fixed condition: a function of the state alone.

    Args:
        model: The network.
        condition: Its condition, one for each row of the states.
    """

    def __init__(self, model: EnergyModel, condition: Condition):
        self._model, self._condition = model, condition

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return self._model(x, self._condition)

    @property
    def noise_levels(self) -> NoiseLevel | None:
        """The noise levels that the energy depends on, or None."""
        return parts_of(self._model.condition_space).get("noise_level")

    @property
    def num_classes(self) -> int | None:
        """Number of classes that the energy depends on, or None."""
        return self._model.num_classes

    def at_level(self, sigma: float | tf.Tensor) -> "BoundEnergy":
        """Returns the energy at another noise level, of all rows.

        Args:
            sigma: Standard deviation of the noise, a scalar, in units of the state.
        """
        space = self._model.condition_space
        parts = by_name(space, self._condition)
        level = tf.fill(tf.shape(parts["noise_level"]), tf.cast(sigma, tf.float32))
        condition = from_names(space, parts | {"noise_level": level})
        return BoundEnergy(self._model, condition)

    def guided(self, guidance: float) -> "GuidedEnergy":
        """Returns the energy with its class weighed up; see `GuidedEnergy`."""
        return GuidedEnergy(self, guidance)

    def class_energies(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the energies of states under every class, `[C, B]`, nats.

        Raises:
            ValueError: If the energy has no classes.
        """
        space = self._model.condition_space
        labels = parts_of(space).get("labels")
        rule = "of an energy of classes, to tell them apart"
        checks.require(isinstance(labels, Classes), "energy", rule, str(space))
        parts, num = by_name(space, self._condition), tf.shape(x)[0]
        parts = {n: tf.repeat(p[tf.newaxis], labels.num, 0) for n, p in parts.items()}
        parts["labels"] = tf.repeat(tf.range(labels.num)[:, tf.newaxis], num, 1)
        parts = {n: tf.reshape(p, [labels.num * num]) for n, p in parts.items()}
        tiled = tf.tile(x, [labels.num] + [1] * (x.shape.rank - 1))
        energies = self._model(tiled, from_names(space, parts))
        return tf.reshape(energies, [labels.num, num])

    def widest(self, num: int | tf.Tensor, seed: Seed) -> tf.Tensor:
        """Returns states of the highest noise level, as good as exact samples.

        Args:
            num: How many.
            seed: `int32[2]`, or those of rows, `int32[num, 2]`.

        Returns:
            Float32 `[num, *state_shape]`.
        """
        if rng.is_by_row(seed):
            return rng.by_row(lambda own: self.widest(1, own)[0], seed, tf.float32)
        return self._model.widest(num, seed)

    def parts(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns what a base is corrected by, and its log density, `[B]`, nats."""
        return self._model.parts(x, self._condition)

    def base_log_prob(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the log density of the base at the level, `[B]`, nats."""
        parts = by_name(self._model.condition_space, self._condition)
        return self._model.base.at(x, parts["noise_level"]).log_prob

    def base_clean(self, x: tf.Tensor, sigma: tf.Tensor, seed: Seed) -> tf.Tensor:
        """Returns states without noise, drawn by the base given those with it."""
        return self._model.base.clean(x, sigma, seed)

    def log_prob_widest(self, x: tf.Tensor) -> tf.Tensor:
        """Returns the log density that `widest` draws from, `[B]`, nats."""
        return self._model.log_prob_widest(x)


class GuidedEnergy:
    """`E(x | c) - guidance * log p(c | x)`: samples are surer of their class.

    `p(c | x)` is the energy's own, of classes that are equally likely: since it is
    normalized at every level, no classifier and no network without classes is needed
    (compare Ho and Salimans, Classifier-free diffusion guidance, 2022,
    https://arxiv.org/abs/2207.12598).

    Args:
        energy: Normalized, and bound to a class and a level.
        guidance: 0 for the energy itself.
    """

    def __init__(self, energy: BoundEnergy, guidance: float):
        self._energy, self._guidance = energy, guidance
        self.noise_levels, self.widest = energy.noise_levels, energy.widest

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        own, mixed = self._energy(x), MixedEnergy(self._energy)(x)
        return own + self._guidance * (own - mixed)

    def at_level(self, sigma) -> "GuidedEnergy":
        """Returns the energy at another noise level; see `BoundEnergy.at_level`."""
        return GuidedEnergy(self._energy.at_level(sigma), self._guidance)


def bind_condition(model: EnergyModel, condition: Condition) -> EnergyFn:
    """Returns the energy at a fixed condition: what samplers take.

    Args:
        model: An energy network.
        condition: One for each row that the energy will be given, as
            `model.condition_space` says: such as `int32 [B]`, or a dict of tensors;
            None for an unconditional model.

    Returns:
        `[B, ...] -> [B]`, nats; a `BoundEnergy` of a conditional model.

    Raises:
        ValueError: If a condition is missing, or given where there is no use for it.
    """
    require_condition(model.condition_space, condition)
    if condition is None:
        return model
    return BoundEnergy(model, condition)


def save_energy(model: EnergyModel, path: str) -> None:
    """Writes `model`, its power-iteration vectors included, to `path` (.keras).

    The same model gives the same bytes, whenever it is saved.
    """
    keras_files.save(model, path)


def load_energy(path: str) -> EnergyModel:
    """Returns the model that `save_energy` wrote.

    One that says no state space has that of the old format, see `of_old_format`.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or of another kind, or its network, or a class in
            it, is not registered: a user's own has to be imported first.
    """
    model = keras_files.read_model(path, "energy", lambda said: _look(path, said))
    if model.space is None:
        model.space = of_old_format(model.state_shape)
    return model


def _look(path: str, said: dict) -> None:
    """Raises `ValueError` unless a file says it is a network that can be made.

    Args:
        path: Of the file.
        said: What it says of its model.
    """
    name, config = said.get("registered_name"), said["config"]
    cls = keras.saving.get_registered_object(str(name)) if name else None
    if "network" in config:
        require_classes(path, config)
    shape = tuple(config["state_shape"])
    checks.require(len(shape) > 0, "state_shape", "a shape", shape)
    for size_of_axis in shape:
        checks.require_count("state_shape", size_of_axis)
    state = resources.Need("one state", resources.size(shape), ("state_shape",))
    resources.require([state])
    made = config.get("config")
    if made:
        kind = made["kind"]
        rule = f"one that is known: {path} needs it, so import its module (--import)"
        checks.require(kind in NetworkConfig.kinds(), "energy.kind", rule, kind)
        cls = NetworkConfig.of_kind(kind).network_class()
        made = settings.from_dict(NetworkConfig, made, "energy")
    is_energy = isinstance(cls, type) and issubclass(cls, EnergyModel)
    rule = "that of an energy network"
    checks.require(is_energy, f"{path}: class", rule, said.get("class_name"))
    if made:
        size.require_memory(made, shape)
