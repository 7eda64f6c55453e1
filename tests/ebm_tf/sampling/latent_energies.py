"""An energy with whitened coordinates whose density there is known."""

import tensorflow as tf

from ebm_tf.box import UNIT


class Shifted:
    """z is normal with mean `shift` and std 1, x its sigmoid; log Z is 0.

    The base, a standard normal, is `shift` off.
    """

    condition_space, state_shape, space = None, (3,), UNIT

    def __init__(self, shift: float):
        self.shift = shift

    def enter(self, x):
        return tf.math.log(x) - tf.math.log1p(-x)

    def leave(self, z):
        return tf.sigmoid(z)

    def latent_energy(self, z):
        return 0.5 * tf.reduce_sum(tf.square(z - self.shift), axis=1)
