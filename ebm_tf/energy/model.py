"""The base of every energy network: what it knows of itself, saved with it."""

import dataclasses

import keras
import tensorflow as tf


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


class EnergyModel(keras.Model):
    """A network `[B, *state_shape] -> [B]`, nats, built when it is made.

    A subclass sets `config_class`, makes its layers in `__init__` and then calls
    `build_weights`. An unconditional model is called as `model(x)`, a conditional
    one as `model(x, labels)` with labels `int32 [B]`.

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

    @property
    def num_classes(self) -> int | None:
        """Number of labels the energy depends on, or None."""
        return self.config.num_classes

    def build_weights(self) -> None:
        """Makes every weight, by one evaluation at zero."""
        inputs = [tf.zeros((1, *self.state_shape))]
        if self.num_classes is not None:
            inputs.append(tf.zeros((1,), tf.int32))
        self(*inputs)

    def get_config(self):
        return {
            "config": dataclasses.asdict(self.config),
            "state_shape": list(self.state_shape),
        }

    @classmethod
    def from_config(cls, config):
        fields = {name: _tuples(value) for name, value in config["config"].items()}
        return cls(cls.config_class(**fields), tuple(config["state_shape"]))
