"""The base of every energy network: what it knows of itself, saved with it."""

import keras
import tensorflow as tf

from ebm_tf import conditions, settings


class EnergyModel(keras.Model):
    """A network `[B, *state_shape] -> [B]`, nats, built when it is made.

    A subclass sets `config_class`, makes its layers in `__init__` and then calls
    `build_weights`. An unconditional model is called as `model(x)`, a conditional
    one as `model(x, labels)` with labels as its `labels` describes them.

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
            "config": settings.to_dict(self.config),
            "state_shape": list(self.state_shape),
        }

    @classmethod
    def from_config(cls, config):
        made = settings.from_dict(cls.config_class, config["config"])
        return cls(made, tuple(config["state_shape"]))
