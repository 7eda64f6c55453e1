"""The base of every energy network: what it knows of itself, saved with it."""

import dataclasses
import types
import typing

import keras
import tensorflow as tf

from ebm_tf import conditions
from ebm_tf.energy.sublayers import all_layers


def _to_dict(config) -> dict:
    """Returns the fields of a configuration, and its kind, as plain values."""
    values = {"kind": config.kind} if hasattr(config, "kind") else {}
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        values[field.name] = (
            _to_dict(value) if dataclasses.is_dataclass(value) else value
        )
    return values


def _from_dict(kinds, data: dict):
    """Returns the configuration that `_to_dict` made `data` of.

    Args:
        kinds: Its class, that class or None, or the base class of a registry.
        data: The fields; those that are missing have their defaults.
    """
    if isinstance(kinds, types.UnionType):
        kinds = next(one for one in typing.get_args(kinds) if one is not type(None))
    if "_choices" in vars(kinds):
        kinds = kinds.of_kind(data["kind"])
    hints, values = typing.get_type_hints(kinds), {}
    for name in (field.name for field in dataclasses.fields(kinds)):
        if name in data:
            value, kind = data[name], hints[name]
            is_config = isinstance(value, dict) and kind is not dict
            values[name] = _from_dict(kind, value) if is_config else _tuples(value)
    return kinds(**values)


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


# Of the file of a network; those of format 1 do not say it.
FORMAT = 2


class EnergyModel(keras.Model):
    """A network `[B, *state_shape] -> [B]`, nats, built when it is made.

    A subclass sets `config_class`, makes its layers in `__init__` and then calls
    `build_weights`. An unconditional model is called as `model(x)`, a conditional
    one as `model(x, condition)` with what its `condition_space` describes.

    Args:
        config: The network's configuration.
        state_shape: Shape of one state, without the batch.
        **kwargs: For `keras.Model`.
    """

    config_class: type

    def __init__(self, config, state_shape: tuple[int, ...], **kwargs):
        # One name for every instance: checkpoints name variables by their paths.
        super().__init__(**{"name": "energy"} | kwargs)
        self.config = config
        self.state_shape = tuple(state_shape)
        self.condition_space = None
        if config is not None:
            self.condition_space = conditions.condition_space(
                config.num_classes, config.label_dims, config.noise_levels
            )
        self._is_named_by_layers = False

    @property
    def num_classes(self) -> int | None:
        """Number of classes the energy depends on, or None."""
        labels = conditions.parts_of(self.condition_space).get("labels")
        return labels.num if isinstance(labels, conditions.Classes) else None

    def build_weights(self) -> None:
        """Makes every weight, by one evaluation at zero."""
        inputs = [tf.zeros((1, *self.state_shape))]
        if self.condition_space is not None:
            inputs.append(conditions.smallest(self.condition_space))
        self(*inputs)

    @classmethod
    def read_config(cls, data: dict | None):
        """Returns the configuration in what `get_config` returns, if there is one."""
        return None if data is None else _from_dict(cls.config_class, data)

    def get_config(self):
        config = {
            "config": None if self.config is None else _to_dict(self.config),
            "state_shape": list(self.state_shape),
        }
        return config if self._is_named_by_layers else config | {"format": FORMAT}

    @classmethod
    def from_config(cls, config):
        made = cls.read_config(config["config"])
        model = cls(made, tuple(config["state_shape"]))
        if "format" not in config:
            model._name_by_layers()
        return model

    def _name_by_layers(self) -> None:
        """Keeps every layer as an attribute of its name, as format 1 did.

        Keras names what is in a file after attributes: without these it would not
        find the weights that a file of format 1 holds, nor write one again.
        """
        for model in all_layers(self):
            if isinstance(model, EnergyModel):
                for layer in model.layers:
                    setattr(model, layer.name, layer)
        self._is_named_by_layers = True
