"""The base of every energy network: what it knows of itself, saved with it."""

import contextlib
import contextvars
from collections.abc import Iterator

import keras
import tensorflow as tf

from ebm_tf import box, conditions, rng, settings, state_checks
from ebm_tf.energy.sublayers import all_layers
from ebm_tf.types import Seed

# Of the file of a network; those of format 1 do not say it.
FORMAT = 2
# Two: one state cannot tell `[B]` from a sum over the batch.
_NUM_STATES = 2


_symbolic = contextvars.ContextVar("symbolic", default=False)


@contextlib.contextmanager
def symbolic() -> Iterator[None]:
    """Within the block networks are made whose variables are empty: of their shape
    alone, to count them."""
    token = _symbolic.set(True)
    try:
        yield
    finally:
        _symbolic.reset(token)


def empty_variable(make, **kwargs) -> tf.Variable:
    """Makes an empty variable; for `tf.variable_creator_scope`."""
    nothing = tf.zeros([], kwargs.get("dtype") or tf.float32)
    return make(**kwargs | {"initial_value": nothing})


def space_of(config: dict) -> box.StateSpace | None:
    """Returns the state space in what `get_config` returns; None if it says none."""
    space = config.get("space")  # files of format 1 lack it
    return space and box.from_dict(space)


class EnergyModel(keras.Model):
    """A network `[B, *state_shape] -> [B]`, nats, built when it is made.

    A subclass sets `config_class`, makes its layers in `__init__` and then calls
    `build_weights`. An unconditional model is called as `model(x)`, a conditional
    one as `model(x, condition)` with what its `condition_space` describes.

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
        """Makes every weight, by one evaluation at zero.

        Raises:
            ValueError: If the network returns anything else than `[B]`.
        """
        inputs = [tf.zeros((_NUM_STATES, *self.state_shape))]
        if self.condition_space is not None:
            inputs.append(conditions.smallest(self.condition_space, _NUM_STATES))
        if _symbolic.get():
            with tf.variable_creator_scope(empty_variable):
                self.compute_output_spec(*inputs)
        else:
            self(*inputs)

    def __call__(self, x, *args, **kwargs):
        """Returns the energies of states, `[B]`, nats.

        Args:
            x: States, floats `[B, *state_shape]`.
            *args: The condition of a conditional model.
            **kwargs: As a `keras.Model` takes them.

        Raises:
            TypeError: If `x` is not of floats.
            ValueError: If `x` or the condition is of another shape, or the network
                returns anything else than `[B]`.
        """
        state_checks.require_states(x, self.state_shape)
        condition = args[0] if args else kwargs.get("condition")
        state_checks.require_conditions(self.condition_space, condition, x)
        energies = super().__call__(x, *args, **kwargs)
        state_checks.require_energies(energies, x, type(self).__name__)
        return energies

    def fit_base(self, chunks) -> None:
        """Fits what the energy takes from data before training; most take nothing.

        Args:
            chunks: Data, dequantized, each `[B, *state_shape]`; what begins anew with
                every `iter`.
        """

    def widest(self, num: int | tf.Tensor, seed: Seed) -> tf.Tensor:
        """Returns where chains through noise levels begin, at the highest.

        Noise of that level about noise of the state space: a network that knows the
        data better says better.

        Args:
            num: How many states.
            seed: `int32[2]`.

        Returns:
            Float32 `[num, *state_shape]`.
        """
        state_seed, noise_seed = rng.split(seed, 2)
        shape = tf.concat([[num], self.state_shape], axis=0)
        high = conditions.parts_of(self.condition_space)["noise_level"].high
        start = self.space.noise(state_seed, shape)
        return start + high * rng.normal(noise_seed, shape)

    @classmethod
    def read_config(cls, data: dict | None):
        """Returns the configuration in what `get_config` returns, if there is one."""
        return None if data is None else settings.from_dict(cls.config_class, data)

    def get_config(self):
        config = {
            "config": None if self.config is None else settings.to_dict(self.config),
            "state_shape": list(self.state_shape),
            "space": self.space and self.space.to_dict(),
        }
        return config if self._is_named_by_layers else config | {"format": FORMAT}

    @classmethod
    def from_config(cls, config):
        made = cls.read_config(config["config"])
        shape = tuple(config["state_shape"])
        model = cls(made, shape, space=space_of(config))
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
