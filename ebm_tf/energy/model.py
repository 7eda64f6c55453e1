"""The base of every energy network: what it knows of itself, saved with it."""

import dataclasses
import typing

import keras
import tensorflow as tf

from ebm_tf import box, conditions


def _to_dict(config) -> dict:
    """Returns the fields of a configuration, and its kind, as plain values."""
    values = {"kind": config.kind}
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        values[field.name] = (
            _to_dict(value) if dataclasses.is_dataclass(value) else value
        )
    return values


def _from_dict(kinds, data: dict):
    """Returns the configuration that `_to_dict` made `data` of.

    Args:
        kinds: Its class, or a union that its class is of.
        data: The fields.
    """
    options = typing.get_args(kinds) or (kinds,)
    [cls] = [option for option in options if option.kind == data["kind"]]
    types = {field.name: field.type for field in dataclasses.fields(cls)}
    values = {
        name: _from_dict(types[name], data[name])
        if isinstance(data[name], dict)
        else _tuples(data[name])
        for name in types
    }
    return cls(**values)


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


class EnergyModel(keras.Model):
    """A network `[B, *state_shape] -> [B]`, nats, built when it is made.

    A subclass sets `config_class`, makes its layers in `__init__` and then calls
    `build_weights`. An unconditional model is called as `model(x)`, a conditional
    one as `model(x, labels)` with labels as its `labels` describes them.

    Args:
        config: The network's configuration.
        state_shape: Shape of one state, without the batch.
        space: The state space that it is an energy on, saved with it; None until a
            trainer says it.
        **kwargs: For `keras.Model`.
    """

    config_class: type

    def __init__(
        self,
        config,
        state_shape: tuple[int, ...],
        space: box.StateSpace | None = None,
        **kwargs,
    ):
        # One name for every instance: checkpoints name variables by their paths.
        super().__init__(**{"name": "energy"} | kwargs)
        self.config = config
        self.state_shape, self.space = tuple(state_shape), space
        self.condition_space = conditions.condition_space(
            config.num_classes, config.label_dims
        )

    @property
    def num_classes(self) -> int | None:
        """Number of classes the energy depends on, or None."""
        return self.config.num_classes

    def build_weights(self) -> None:
        """Makes every weight, by one evaluation at zero."""
        inputs = [tf.zeros((1, *self.state_shape))]
        if self.condition_space is not None:
            inputs.append(
                tf.zeros((1, *self.condition_space.shape), self.condition_space.dtype)
            )
        self(*inputs)

    def get_config(self):
        return {
            "config": _to_dict(self.config),
            "state_shape": list(self.state_shape),
            "space": self.space and self.space.to_dict(),
        }

    @classmethod
    def from_config(cls, config):
        made = _from_dict(cls.config_class, config["config"])
        space = config.get("space")  # files of the old format lack it
        space = space and box.from_dict(space)
        return cls(made, tuple(config["state_shape"]), space=space)
