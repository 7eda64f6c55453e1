"""A module of a user's: Keras models, and functions that make them."""

import keras


@keras.saving.register_keras_serializable(package="user_models")
class Bump(keras.Model):
    """A subclassed model: the sum of two hidden units."""

    def __init__(self, width, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.hidden = keras.layers.Dense(width, activation="tanh")
        self.out = keras.layers.Dense(1)

    def call(self, x):
        return self.out(self.hidden(x))

    def get_config(self):
        return {"width": self.width}


def make_net(state_shape, width=4):
    """A Sequential model of layers that Keras has."""
    return keras.Sequential(
        [
            keras.Input(state_shape),
            keras.layers.Flatten(),
            keras.layers.Dense(width, activation="swish"),
            keras.layers.Dense(1),
        ]
    )


def make_bump(state_shape, width=4):
    """A subclassed model."""
    return Bump(width)


not_callable = 3


def raising(shape, how="divide"):
    """Raises what a user's code may raise: at once, or when the network is called."""
    if how == "divide":
        return 1 / 0
    if how == "inner":
        raise TypeError("inner\nof several lines")

    class Broken(keras.Model):
        def call(self, x):
            raise RuntimeError("in a call")

    return Broken()
