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


class _AverageFromZero:
    """An optimizer with a moving average of the weights that begins at zero.

    After update t (from 1), with `w` the weights and d the decay,

        a <- d * a + (1 - d) * w        a = 0 before the first

    and `finalize_variable_values` makes the weights `a / (1 - d**t)`: the mean of the
    weights of all updates, the last with the most weight. Keras's own average begins
    at the first update's weights, which stay in it for some `1 / (1 - d)` updates.

    Args:
        decay: d, in [0, 1).
        **kwargs: For the optimizer.
    """

    def __init__(self, decay: float, **kwargs):
        super().__init__(**kwargs)
        self._decay = decay

    def build(self, variables):
        if not self.built:
            super().build(variables)
            self._averages = self.add_optimizer_variables(variables, "average")

    def apply(self, grads, trainable_variables=None):
        super().apply(grads, trainable_variables)
        weights = [tf.convert_to_tensor(weight) for weight in trainable_variables]
        for weight, average in zip(weights, self._averages, strict=True):
            average.assign(self._decay * average + (1.0 - self._decay) * weight)

    def finalize_variable_values(self, var_list):
        num_updates = int(self.iterations.numpy())
        if num_updates == 0:
            return  # the weights are those that nothing was done to
        share = 1.0 - self._decay**num_updates
        for weight, average in zip(var_list, self._averages, strict=True):
            weight.assign(tf.convert_to_tensor(average) / share)


class _AveragedAdam(_AverageFromZero, keras.optimizers.Adam):
    pass


class _AveragedSigmaClippedAdam(_AverageFromZero, SigmaClippedAdam):
    pass


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
        "name": "adam",  # checkpoints name variables by their paths
    }
    plain, clipped = keras.optimizers.Adam, SigmaClippedAdam
    if config.ema_decay is not None and config.ema_start == "zeros":
        adam |= {"decay": config.ema_decay}
        plain, clipped = _AveragedAdam, _AveragedSigmaClippedAdam
    elif config.ema_decay is not None:
        adam |= {"use_ema": True, "ema_momentum": config.ema_decay}
    if config.num_sigmas is None:
        return plain(**adam)
    return clipped(num_sigmas=config.num_sigmas, **adam)
