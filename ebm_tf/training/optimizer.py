"""Adam that clips each gradient entry by its own second moment.

[1] Du and Mordatch, 2019, appendix A.11: "we clip all training gradients that are
    more than 3 standard deviations from the 2nd order Adam parameters". The exact
    rule, the floor of 0.1 included, is the released code's.
"""

import keras
import tensorflow as tf

from ebm_tf.training.config import OptimizerConfig

# The bound's floor: at the first update the second moment is zero.
_FLOOR = 0.1


@keras.saving.register_keras_serializable(package="ebm_tf")
class SigmaClippedAdam(keras.optimizers.Adam):
    """Adam on gradients clipped to `num_sigmas` of their standard deviations [1].

    Before update t (from 1), with `v` the second moment before the update,

        bound = num_sigmas * sqrt(v / (1 - beta_2**t)) + 0.1
        g <- clip(g, -bound, bound)     each entry

    and Adam goes on with the clipped g.

    Args:
        num_sigmas: Width of the bound, > 0.
        **kwargs: For `keras.optimizers.Adam`.
    """

    def __init__(self, num_sigmas: float = 3.0, **kwargs):
        super().__init__(**kwargs)
        self.num_sigmas = num_sigmas

    def update_step(self, gradient, variable, learning_rate):
        velocity = self._velocities[self._get_variable_index(variable)]
        velocity = tf.convert_to_tensor(velocity)
        gradient = tf.convert_to_tensor(gradient)  # dense, if it came as slices
        t = tf.cast(tf.convert_to_tensor(self.iterations) + 1, velocity.dtype)
        debias = 1.0 - tf.pow(tf.cast(self.beta_2, velocity.dtype), t)
        bound = self.num_sigmas * tf.sqrt(velocity / debias) + _FLOOR
        gradient = tf.clip_by_value(gradient, -bound, bound)
        super().update_step(gradient, variable, learning_rate)

    def get_config(self):
        return super().get_config() | {"num_sigmas": self.num_sigmas}


def make_learning_rate(
    config: OptimizerConfig, num_updates: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Returns the cosine between the rates of `config`; flat if they are equal.

    It is never a variable: a rate is a setting, and no checkpoint brings another.
    """
    rate = config.learning_rate
    return keras.optimizers.schedules.CosineDecay(
        rate, num_updates, alpha=config.final_learning_rate / rate
    )


def make_optimizer(
    config: OptimizerConfig, num_updates: int
) -> keras.optimizers.Optimizer:
    """Returns the optimizer that `config` describes, for a run of `num_updates`."""
    adam = {
        "learning_rate": make_learning_rate(config, num_updates),
        "beta_1": config.beta_1,
        "beta_2": config.beta_2,
        "epsilon": config.epsilon,
        "use_ema": config.ema_decay is not None,
        "ema_momentum": config.ema_decay or 0.0,
        "name": "adam",  # checkpoints name variables by their paths
    }
    if config.num_sigmas is None:
        return keras.optimizers.Adam(**adam)
    return SigmaClippedAdam(num_sigmas=config.num_sigmas, **adam)
