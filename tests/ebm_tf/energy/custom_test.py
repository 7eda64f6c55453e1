"""A user's own Keras model as an energy: what it computes, what is refused."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import conditions, registry
from ebm_tf.energy import build, precision, summary
from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.energy.custom import as_energy
from ebm_tf.energy.networks.custom import CustomConfig
from ebm_tf.energy.networks.ensemble import EnsembleConfig
from ebm_tf.energy.spectral import SpectralDense
from tests.ebm_tf.energy.networks import user_models
from tests.ebm_tf.energy.networks.user_models import Bump

USER = user_models.__name__
SHAPE = (4, 3)


def states(num=5):
    return tf.random.stateless_normal([num, *SHAPE], [1, 2])


def sequential(*layers):
    return keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten(), *layers])


def functional():
    x = keras.Input(SHAPE)
    h = keras.layers.Dense(4, activation="swish")(keras.layers.Flatten()(x))
    return keras.Model(x, keras.ops.sum(h, axis=-1))


@keras.saving.register_keras_serializable(package="custom_test")
class Subclassed(keras.Model):
    """A model whose energy is the sum of a hidden layer."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.hidden = [SpectralDense(4), keras.layers.Dense(1)]

    def call(self, x):
        x = tf.reshape(x, [-1, 12])
        for layer in self.hidden:
            x = tf.nn.silu(layer(x))
        return x


MODELS = {
    "sequential": lambda: sequential(keras.layers.Dense(1)),
    "functional": functional,
    "subclassed": Subclassed,
}


@pytest.mark.parametrize("kind", MODELS)
def test_energies_are_the_models_and_come_back_from_a_file(kind, tmp_path):
    model = MODELS[kind]()
    energy = as_energy(model, SHAPE)
    x = states()
    found = energy(x)
    assert found.shape == (5,) and found.dtype == tf.float32
    np.testing.assert_array_equal(found, np.reshape(model(x), [5]))
    assert energy.state_shape == SHAPE and energy.condition_space is None
    assert energy.num_classes is None
    path = str(tmp_path / "model.keras")
    build.save_energy(energy, path)
    for load in (build.load_energy, keras.models.load_model):
        loaded = load(path)
        assert type(loaded) is type(energy) and loaded.state_shape == SHAPE
        np.testing.assert_array_equal(loaded(x), found)
    model.trainable_variables[0].assign_add(
        tf.ones_like(model.trainable_variables[0]) * 0.1
    )
    assert np.abs(energy(x) - found).max() > 1e-3  # the same weights


def test_a_conditional_model_is_given_a_list():
    x, labels = keras.Input([2]), keras.Input([], dtype="int32")
    sigma = keras.Input([])
    h = keras.layers.Embedding(3, 2)(labels) + x
    h = keras.layers.Dense(1)(h)[:, 0] / sigma
    space = conditions.Several(
        {"labels": conditions.Classes(3), "noise_level": conditions.NoiseLevel(0.1, 2)}
    )
    energy = as_energy(keras.Model([x, labels, sigma], h), (2,), space)
    assert energy.num_classes == 3
    given = tf.nest.map_structure(tf.constant, space.in_turn(0, 4))
    found = build.bind_condition(energy, given)(tf.ones([4, 2]))
    half = given | {"noise_level": given["noise_level"] / 2}
    np.testing.assert_allclose(energy(tf.ones([4, 2]), half), 2 * found, rtol=1e-5)
    with pytest.raises(ValueError, match="`condition` must be given"):
        energy(tf.ones([4, 2]))


class Writes(keras.layers.Layer):
    """A layer that counts its calls."""

    def build(self, shape):
        self.count = self.add_weight(name="count", shape=(), trainable=False)

    def call(self, x, training=False):
        if training:
            self.count.assign_add(1.0)
        return x


class Doubles(keras.layers.Layer):
    """A layer that computes something else in training."""

    def call(self, x, training=False):
        return 2.0 * x if training else x


class Constant(keras.layers.Layer):
    """A layer that forgets its input."""

    def call(self, x):
        return tf.ones_like(x)


Dense = keras.layers.Dense
REFUSED = {
    "two": (lambda: [Dense(2)], r"an energy for each state: \[3\] or \[3, 1\]"),
    "constant": (lambda: [Dense(1), Constant()], "a function of the state, no const"),
    "nan": (lambda: [Dense(1, bias_initializer=nan)], "`model` must be finite"),
    "batch": (
        lambda: [keras.layers.BatchNormalization(name="bn"), Dense(1)],
        "another energy in training. Received: model=\"BatchNormalization 'bn'\"",
    ),
    "dropout": (
        lambda: [keras.Sequential([keras.layers.Dropout(0.5)]), Dense(1)],
        'another energy in training. Received: model="Dropout',
    ),
    "spectral": (
        lambda: [keras.layers.SpectralNormalization(Dense(1))],
        "SpectralConv2D, SpectralConv1D or SpectralDense of ebm_tf.energy.spectral",
    ),
    "writes": (lambda: [Writes(), Dense(1)], "without weights that a call changes"),
    "doubles": (lambda: [Dense(1), Doubles()], "the same function in training as af"),
}


def nan(shape, dtype=None):
    return tf.fill(shape, float("nan"))


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_energy_is_refused_by_name(what):
    layers, text = REFUSED[what]
    with pytest.raises(ValueError, match=text) as caught:
        as_energy(sequential(*layers()), SHAPE)
    assert "\n" not in str(caught.value)


def test_what_is_no_model_or_takes_other_states_is_refused():
    with pytest.raises(TypeError, match="`model` must be a keras.Model. Received: fun"):
        as_energy(lambda x: x, SHAPE)
    with pytest.raises(ValueError, match=r"must take states of shape \(7,\)") as caught:
        as_energy(sequential(Dense(1)), (7,))
    assert "\n" not in str(caught.value)


def test_a_class_that_is_not_registered_cannot_be_saved(tmp_path):
    class Private(keras.layers.Layer):
        def call(self, x):
            return x

    energy = as_energy(sequential(Private(), Dense(1)), SHAPE)
    with pytest.raises(ValueError, match="of registered classes, by @keras.*Private"):
        build.save_energy(energy, str(tmp_path / "model.keras"))


def custom(function="make_net", **changes):
    registry.import_module(USER)
    arguments = {"width": 6}
    fields = {"factory": f"{USER}:{function}", "arguments": arguments} | changes
    return CustomConfig(**fields)


@pytest.mark.parametrize("function", ["make_net", "make_bump"])
def test_a_function_of_the_users_makes_the_network(function, tmp_path):
    shape = (5,)
    energy = build.build_energy(custom(function), shape, seed=1)
    x = tf.random.stateless_normal([4, 5], [1, 2])
    same = build.build_energy(custom(function), shape, seed=1)
    other = build.build_energy(custom(function), shape, seed=2)
    np.testing.assert_array_equal(energy(x), same(x))
    assert np.abs(energy(x) - other(x)).max() > 1e-3
    assert any(weight.shape == (5, 6) for weight in energy.weights)
    assert all(weight.path.startswith("energy/") for weight in energy.weights)
    path = str(tmp_path / "model.keras")
    build.save_energy(energy, path)
    loaded = build.load_energy(path)
    assert loaded.config == energy.config
    np.testing.assert_array_equal(loaded(x), energy(x))


def test_weights_that_the_user_set_stay():
    shape = (5,)
    model = Bump(3)
    model(tf.zeros([1, 5]))
    kernel = model.hidden.kernel.numpy()
    registry.import_module(USER)
    user_models.trained = lambda state_shape: model
    try:
        config = CustomConfig(factory=f"{USER}:trained")
        build.build_energy(config, shape, seed=1)
    finally:
        del user_models.trained
    np.testing.assert_array_equal(model.hidden.kernel, kernel)


def test_wrong_arguments_of_the_function_are_one_line():
    config = custom(arguments={"depth": 3})
    with pytest.raises(TypeError, match="`factory` must take .*'depth'") as caught:
        build.build_energy(config, (5,), seed=0)
    assert "\n" not in str(caught.value)


def test_networks_of_the_users_make_an_ensemble(tmp_path):
    config = EnsembleConfig(num_members=2, network=custom())
    energy = build.build_energy(config, (5,), seed=0)
    paths = [weight.path for weight in energy.weights]
    assert len(set(paths)) == len(paths)
    x = tf.random.stateless_normal([4, 5], [1, 2])
    one, two = (member(x).numpy() for member in energy.members)
    assert np.abs(one - two).max() > 1e-3
    path = str(tmp_path / "model.keras")
    build.save_energy(energy, path)
    np.testing.assert_array_equal(build.load_energy(path)(x), energy(x))


def test_a_condition_in_settings_is_given_to_the_network():
    level = NoiseLevelConfig(low=0.1, high=1.0)
    with pytest.raises(ValueError, match="`model` must be of 2 inputs, the state and"):
        build.build_energy(custom(noise_levels=level), (5,), seed=0)


def test_it_is_summarized_and_keeps_its_own_dtype():
    energy = build.build_energy(custom(), (5,), seed=0)
    rows = summary.summarize(energy)
    assert [row.num_parameters for row in rows] == [5 * 6 + 6, 6 + 1]
    assert [row.num_multiply_adds for row in rows] == [5 * 6, 6]
    assert precision.in_dtype(energy, "float32") is energy
    with pytest.raises(ValueError, match="`dtype` must be float32 for a Keras model"):
        precision.in_dtype(energy, "bfloat16")


def test_a_stored_model_imports_no_module_by_itself(tmp_path):
    energy = build.build_energy(custom("make_bump"), (5,), seed=0)
    path = str(tmp_path / "model.keras")
    build.save_energy(energy, path)
    code = (
        "from ebm_tf.energy import build\n"
        f"try: build.load_energy({path!r})\n"
        "except ValueError as error: print(error)\n"
        f"print({USER!r} in sys.modules)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    said, imported = found.stdout.splitlines()
    assert "user_models>Bump, which no imported module registers" in said
    assert f"--import={USER}" in said and imported == "False"


def test_a_factory_that_raises_is_one_line_with_the_place():
    for arguments, text in (
        ({"how": "divide"}, "ZeroDivisionError: division by zero"),
        ({"how": "inner"}, "TypeError: inner"),
        ({"how": "call"}, "calling Broken.call(). in a call"),
        ({"who": 1}, "got an unexpected keyword argument 'who'"),
    ):
        config = CustomConfig(factory=f"{USER}:raising", arguments=arguments)
        registry.import_module(USER)
        with pytest.raises((ValueError, TypeError)) as caught:
            build.build_energy(config, SHAPE, 0)
        said = str(caught.value)
        assert text in said and "\n" not in said
        if "how" in arguments and arguments["how"] != "call":
            assert "`factory` must make a network" in said
            assert "user_models.py, line " in said
