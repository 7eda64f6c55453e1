"""An energy out of a user's own `keras.Model`: any network, state -> scalar."""

import inspect
import re
import traceback

import keras
import numpy as np
import tensorflow as tf

from ebm_tf import checks, conditions, rng
from ebm_tf.energy.model import EnergyModel, space_of
from ebm_tf.energy.networks.custom import CustomConfig
from ebm_tf.energy.pure import require_pure_layers
from ebm_tf.energy.sublayers import all_layers

_NUM_STATES = 3
_COLOR = re.compile(r"\x1b\[[0-9;]*m")  # of a terminal, in what Keras says


@keras.saving.register_keras_serializable(package="ebm_tf")
class KerasEnergy(EnergyModel):
    """A user's network as an energy; `as_energy` checks it first.

    The network is called with states, `[B, *state_shape]`, and if conditional, with a
    list of states and of the tensors of the condition in the order of their names:
    `[x, labels]`, `[x, noise_level]` or `[x, labels, noise_level]`. It returns `[B]`
    or `[B, 1]`.

    Input shapes: states and, if conditional, a condition. Output shape: `[B]`, nats,
    float32.

    Args:
        network: The network.
        state_shape: Shape of one state, without the batch.
        condition_space: What else its energies depend on, or None.
        config: What it was made of, or None.
        **kwargs: For `keras.Model`.
    """

    config_class = CustomConfig

    def __init__(
        self, network, state_shape, condition_space=None, config=None, **kwargs
    ):
        super().__init__(config, state_shape, **kwargs)
        self.network = network
        self.condition_space = condition_space
        self.build_weights()

    def call(self, x, condition=None):
        conditions.require_condition(self.condition_space, condition)
        energy = self.network(_inputs(x, self.condition_space, condition))
        return tf.cast(tf.reshape(energy, [-1]), tf.float32)

    def get_config(self):
        return super().get_config() | {
            "network": _serialized(self.network),
            "modules": sorted({cls.__module__ for cls in _own_classes(self.network)}),
            "condition_space": conditions.to_plain(self.condition_space),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config):
        made = cls.read_config(config["config"])
        with _scope(config["name"] if made else None):
            return cls(
                keras.saving.deserialize_keras_object(config["network"]),
                tuple(config["state_shape"]),
                conditions.from_plain(config["condition_space"]),
                made,
                space=space_of(config),
                name=config["name"],
            )


def as_energy(
    model: keras.Model,
    state_shape: tuple[int, ...],
    condition_space: conditions.ConditionSpace | None = None,
) -> KerasEnergy:
    """Returns the energy that a Keras model computes; the two share their weights.

    Args:
        model: A Sequential, functional or subclassed model that returns `[B]` or
            `[B, 1]`; how it is called, `KerasEnergy` says.
        state_shape: Shape of one state, without the batch.
        condition_space: What else its energies depend on, or None.

    Raises:
        TypeError: If `model` is no Keras model.
        ValueError: If it returns anything else or a constant, or is no function of its
            inputs: dropout, batch statistics, weights that a call writes.
    """
    _require_function(model, tuple(state_shape), condition_space)
    return KerasEnergy(model, state_shape, condition_space)


def from_factory(
    config: CustomConfig, state_shape: tuple[int, ...], name: str = "energy", **kwargs
) -> KerasEnergy:
    """Returns the energy of the model that a user's function makes.

    Args:
        config: Names the function.
        state_shape: Shape of one state, without the batch.
        name: Of the energy: the names of its weights begin with it.
        **kwargs: For `KerasEnergy`.

    Raises:
        TypeError, ValueError: As `as_energy`, and if there is no such function, or it
            does not take the arguments.
    """
    function = config.function()
    space = conditions.condition_space(
        config.num_classes, config.label_dims, config.noise_levels
    )
    with _scope(name):
        network = _made_by(function, config, tuple(state_shape))
        _require_function(network, tuple(state_shape), space)
        return KerasEnergy(network, state_shape, space, config, name=name, **kwargs)


def _made_by(function, config: CustomConfig, state_shape: tuple[int, ...]):
    try:
        inspect.signature(function).bind(state_shape, **config.arguments)
    except TypeError as error:
        raise checks.InvalidTypeError(
            f"`factory` must take the shape of a state and `arguments`: {error}. "
            f"Received: arguments={config.arguments!r}"
        ) from error
    try:
        return function(state_shape, **config.arguments)
    except checks.InputError:
        raise
    except Exception as error:  # whatever the user's function raises
        raise checks.InvalidValueError(
            f"`factory` must make a network. Received: factory={config.factory!r}, "
            f"which raised {_told(error)}"
        ) from error


def _told(error: Exception) -> str:
    """Returns an error of a user's code, and where it is: no traceback is shown."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "site-packages" not in f.filename] or frames
    return f"{text} ({own[-1].filename}, line {own[-1].lineno})"


def require_classes(path: str, config: dict) -> None:
    """Raises `ValueError` if classes in the file of a `KerasEnergy` are not registered.

    Args:
        path: Of the file, for the message.
        config: What `KerasEnergy.get_config` gave.
    """
    missing = sorted(
        name
        for name in _registered_names(config["network"])
        if keras.saving.get_registered_object(name) is None
    )
    if missing:
        wanted = " ".join(f"--import={module}" for module in config["modules"])
        raise checks.InvalidValueError(
            f"{path} holds a network with {', '.join(missing)}, which no imported "
            f"module registers: import it first ({wanted})"
        )


def _scope(name: str | None):
    """Returns a context in which the names of weights begin with `name`."""
    return keras.name_scope(name or "")


def _inputs(x, space, condition):
    parts = conditions.by_name(space, condition)
    return [x, *(parts[name] for name in sorted(parts))] if parts else x


def _require_function(model, state_shape, space) -> None:
    """Raises unless a model is a function, state -> scalar, that is not constant."""
    if not isinstance(model, keras.Model):
        raise checks.InvalidTypeError(
            f"`model` must be a keras.Model. Received: {type(model).__name__}"
        )
    x = rng.normal(rng.make_seed(0), [_NUM_STATES, *state_shape])
    inputs = _inputs(x, space, conditions.smallest(space, _NUM_STATES))
    if isinstance(model, keras.Sequential) or hasattr(model, "operations"):
        # Keras drops inputs that there are too many of, with a warning.
        taken, given = len(model.inputs or [x]), len(tf.nest.flatten(inputs))
        rule = f"of {given} inputs, the state and its condition"
        checks.require(taken == given, "model", rule, taken)
    try:
        energy = model(inputs, training=False)
    except Exception as error:  # whatever Keras, or a user's own layer, raises
        reason = " ".join(_COLOR.sub("", str(error)).split()) or type(error).__name__
        raise checks.InvalidValueError(
            f"`model` must take states of shape {state_shape}: {reason}"
        ) from error
    require_pure_layers(model)
    shape = getattr(energy, "shape", type(energy).__name__)
    good = tuple(shape) in ((_NUM_STATES,), (_NUM_STATES, 1))
    rule = f"an energy for each state: [{_NUM_STATES}] or [{_NUM_STATES}, 1]"
    checks.require(good, "model", f"{rule} for {_NUM_STATES} states", shape)
    finite = bool(np.all(np.isfinite(energy)))
    checks.require(finite, "model", "finite", np.ravel(energy).tolist())
    _require_same_in_training(model, inputs, energy)
    _require_slope(model, inputs, energy)


def _require_same_in_training(model, inputs, energy) -> None:
    before = [np.array(variable) for variable in model.variables]
    again = model(inputs, training=True)
    for variable, old in zip(model.variables, before, strict=True):
        rule = "without weights that a call changes"
        same = np.array_equal(variable, old, equal_nan=True)
        checks.require(same, "model", rule, variable.path)
    gap = float(np.max(np.abs(np.subtract(again, energy))))
    rule = "the same function in training as after it, its values equal"
    checks.require(gap == 0.0, "model", rule, gap)


def _require_slope(model, inputs, energy) -> None:
    flat = tf.reshape(tf.cast(energy, tf.float32), [-1])
    x = inputs[0] if isinstance(inputs, list) else inputs
    with tf.GradientTape() as tape:
        tape.watch(x)
        given = [x, *inputs[1:]] if isinstance(inputs, list) else x
        total = tf.reduce_sum(model(given, training=False))
    slope = tape.gradient(total, x, unconnected_gradients="zero")
    moves = bool(tf.reduce_any(slope != 0.0)) or float(np.ptp(flat)) > 0.0
    rule = "a function of the state, no constant"
    checks.require(moves, "model", rule, flat.numpy().tolist())


def _own_classes(network) -> set[type]:
    """Returns the classes of a network's layers that Keras does not have."""
    classes = {type(layer) for layer in all_layers(network)}
    return {cls for cls in classes if cls.__module__.partition(".")[0] != "keras"}


def _serialized(network) -> dict:
    for cls in _own_classes(network):
        name = keras.saving.get_registered_name(cls)
        checks.require(
            keras.saving.get_registered_object(name) is cls,
            "model",
            "of registered classes, by @keras.saving.register_keras_serializable()",
            f"{cls.__module__}.{cls.__name__}",
        )
    return keras.saving.serialize_keras_object(network)


def _registered_names(value) -> set[str]:
    """Returns the names of classes in a network's configuration that are no Keras's."""
    if isinstance(value, list):
        return set().union(*map(_registered_names, value))
    if not isinstance(value, dict):
        return set()
    names = set().union(*map(_registered_names, value.values()))
    own, module = value.get("registered_name"), value.get("module") or ""
    is_own = own and "class_name" in value and module.partition(".")[0] != "keras"
    return names | ({own} if is_own else set())
