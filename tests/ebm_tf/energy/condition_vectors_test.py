"""Conditions reach the energy of every network, and gradients reach their weights."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import conditions
from ebm_tf.energy import build
from ebm_tf.energy.condition_vectors import (
    ConditionVector,
    add_bias,
    condition_biases,
)
from ebm_tf.energy.config import NoiseLevelConfig
from tests.ebm_tf.energy.small_networks import NETWORKS, draw_weights

LEVELS = NoiseLevelConfig(low=0.1, high=10.0)
CONDITIONS = {
    "class": {"num_classes": 3},
    "numbers": {"label_dims": 2},
    "noise_level": {"noise_levels": LEVELS},
    "class and noise level": {"num_classes": 3, "noise_levels": LEVELS},
    "numbers and noise level": {"label_dims": 2, "noise_levels": LEVELS},
}
# Each kind of condition is a part of one of these.
SEVERAL = ("class and noise level", "numbers and noise level")
NONE = {"num_classes": None, "label_dims": None, "noise_levels": None}
KINDS = ("convnet", "resnet", "multi_scale", "sprites_net", "sequence", "mlp")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Spectra are estimated by one power iteration: it is not about them."""
    monkeypatch.setattr(build, "_FIRST_ITERATIONS", 1)


def make(kind, condition):
    config, shape = NETWORKS[kind]
    if kind == "multi_scale":
        network = dataclasses.replace(config.network, **NONE | condition)
        config = dataclasses.replace(config, network=network)
    else:
        config = dataclasses.replace(config, **NONE | condition)
    model = build.build_energy(config, shape, seed=5)
    x = np.random.default_rng(1).standard_normal((4, *shape)).astype(np.float32)
    return model, tf.constant(x)


def in_turn(model, first=0):
    return tf.nest.map_structure(tf.constant, model.condition_space.in_turn(first, 4))


class Holder(keras.layers.Layer):
    """A layer that has weights which depend on a condition."""

    def __init__(self, space):
        super().__init__()
        self.condition_space = space


def test_parts_of_a_vector_add_up():
    level = conditions.NoiseLevel(0.1, 10.0)
    space = conditions.Several({"labels": conditions.Classes(2), level.name: level})
    layer = Holder(space)
    vector = ConditionVector(layer, "gain", 3, "ones")
    assert [w.name for w in layer.weights] == ["gain", "gain_noise_level"]
    np.testing.assert_array_equal(vector.main, np.ones((2, 3)))
    np.testing.assert_array_equal(vector.others["noise_level"], np.zeros((8, 3)))
    draw_weights(layer, seed=1)
    sigma = np.float32([0.5, 2.0])
    found = vector.at({"labels": tf.constant([1, 0]), "noise_level": sigma}, 4)
    table = vector.others["noise_level"].numpy()
    want = vector.main.numpy()[[1, 0]] + level.features(sigma).numpy() @ table
    np.testing.assert_allclose(found, want[:, None, None, :], rtol=1e-5, atol=1e-6)


def test_without_labels_one_vector_is_all_states():
    vector = ConditionVector(Holder(None), "gain", 3, "ones")
    np.testing.assert_array_equal(vector.at(None, 4), np.ones(3))
    layer = Holder(conditions.NoiseLevel(0.1, 10.0))
    vector = ConditionVector(layer, "gain", 3, "ones")
    found = vector.at(tf.constant([0.1, 1.0]), 2)
    np.testing.assert_array_equal(found, np.ones((2, 3)))


def test_biases_are_there_for_a_condition_alone():
    layer = Holder(None)
    assert condition_biases(layer, (3, 4)) == [] and not layer.weights
    x = tf.ones([2, 5, 3])
    assert add_bias(x, [], 0, None) is x
    layer = Holder(conditions.Classes(2))
    biases = condition_biases(layer, (3, 4))
    assert [w.shape for w in layer.weights] == [(2, 3), (2, 4)]
    biases[0].main.assign([[0, 1, 2], [3, 4, 5]])
    found = add_bias(x, biases, 0, tf.constant([1, 0]))
    np.testing.assert_array_equal(found[0], np.ones((5, 3)) + [3, 4, 5])
    np.testing.assert_array_equal(found[1], np.ones((5, 3)) + [0, 1, 2])


@pytest.mark.parametrize("condition", SEVERAL)
@pytest.mark.parametrize("kind", KINDS)
def test_energy_depends_on_every_part_of_the_condition(kind, condition):
    model, x = make(kind, CONDITIONS[condition])
    draw_weights(model, seed=3)
    given = in_turn(model)
    parts = conditions.by_name(model.condition_space, given)
    energy = model(x, given)
    assert energy.shape == (4,) and np.all(np.isfinite(energy))
    for name, part in conditions.parts_of(model.condition_space).items():
        changed = parts | {name: tf.constant(part.in_turn(1, 4))}
        other = model(x, conditions.from_names(model.condition_space, changed))
        assert np.abs(energy - other).min() > 1e-5 * np.abs(energy).max(), name


@pytest.mark.parametrize("condition", SEVERAL)
@pytest.mark.parametrize("kind", KINDS)
def test_gradient_reaches_every_weight(kind, condition):
    model, x = make(kind, CONDITIONS[condition])
    draw_weights(model, seed=3)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(model(x, in_turn(model))))
    weights = [weight.value for weight in model.trainable_weights]
    for weight, gradient in zip(
        model.trainable_weights, tape.gradient(loss, weights), strict=True
    ):
        largest = np.abs(tf.convert_to_tensor(gradient)).max()
        assert largest > 0.0, weight.path


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_network_is_the_same_for_every_condition(kind):
    model, x = make(kind, CONDITIONS["class and noise level"])
    np.testing.assert_allclose(
        model(x, in_turn(model)), model(x, in_turn(model, 1)), rtol=1e-5, atol=1e-6
    )
    plain, _ = make(kind, {})
    shared = {weight.path: weight.shape for weight in plain.weights}
    paths = {weight.path for weight in model.weights}
    assert set(shared) <= paths and len(paths) == len(model.weights)
    assert any(path.endswith("_noise_level") for path in paths)


@pytest.mark.parametrize("kind", KINDS)
def test_conditional_network_comes_back_from_a_file(kind, tmp_path):
    model, x = make(kind, CONDITIONS["numbers and noise level"])
    draw_weights(model, seed=3)
    path = str(tmp_path / "model.keras")
    build.save_energy(model, path)
    for load in (build.load_energy, keras.models.load_model):
        loaded = load(path)
        assert loaded.config == model.config
        assert loaded.condition_space == model.condition_space
        energy = loaded(x, in_turn(loaded))
        np.testing.assert_array_equal(energy, model(x, in_turn(model)))


@pytest.mark.parametrize("kind", ["resnet", "mlp"])
def test_two_conditions_go_through_a_saved_model(kind, tmp_path):
    model, x = make(kind, CONDITIONS["class and noise level"])
    draw_weights(model, seed=3)
    space = model.condition_space
    specs = conditions.by_name(space, conditions.specs(space))

    class Served(tf.Module):
        def __init__(self):
            super().__init__()
            self.values = [variable.value for variable in model.variables]

        @tf.function(
            input_signature=[
                tf.TensorSpec((None, *model.state_shape), tf.float32, "x"),
                *specs.values(),
            ]
        )
        def energy(self, x, *values):
            given = conditions.from_names(space, dict(zip(specs, values, strict=True)))
            return {"energy": model(x, given)}

    served = Served()
    tf.saved_model.save(served, str(tmp_path), {"energy": served.energy})
    loaded = tf.saved_model.load(str(tmp_path)).signatures["energy"]
    names = set(loaded.structured_input_signature[1])
    assert names == {"x", "labels", "noise_level"}
    given = in_turn(model)
    found = loaded(x=x, **conditions.by_name(space, given))["energy"]
    np.testing.assert_allclose(found, model(x, given), rtol=1e-5, atol=1e-5)


def test_a_missing_condition_is_refused_by_name():
    model, x = make("convnet", CONDITIONS["noise_level"])
    with pytest.raises(ValueError, match="`noise_level` must be given"):
        model(x)
    plain, x = make("mlp", {})
    with pytest.raises(ValueError, match="`labels` must be None for this model"):
        plain(x, tf.zeros([4], tf.int32))
