"""Classes that share no weight, against the formula."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.energy.build import build_energy, load_energy, save_energy
from ebm_tf.energy.networks.class_mlp import ClassMlpConfig

CONFIG = ClassMlpConfig(num_classes=3, width=5)
LABELS = np.array([2, 0, 2, 1], np.int32)


@pytest.fixture(scope="module")
def model():
    made = build_energy(CONFIG, (2, 3, 1), seed=1)
    draw = np.random.default_rng(0)
    made.offset.assign(draw.normal(size=3))
    return made


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(1).random((4, 2, 3, 1), np.float32)


def test_each_class_is_a_network_of_its_own(model, x):
    kernel, bias = (w.numpy() for w in model.hidden.weights)
    kernel, bias = kernel.reshape(6, 3, 5), bias.reshape(3, 5)
    pre = np.einsum("bd,bdh->bh", x.reshape(4, 6), kernel[:, LABELS].swapaxes(0, 1))
    pre += bias[LABELS]
    h = pre / (1.0 + np.exp(-pre))
    energy = (h * model.out.numpy()[LABELS]).sum(1) + model.offset.numpy()[LABELS]
    np.testing.assert_allclose(model(x, LABELS), energy, rtol=1e-5, atol=1e-6)


def test_a_class_learns_alone(model, x):
    with tf.GradientTape() as tape:
        energy = tf.reduce_sum(model(x, np.full(4, 1, np.int32)))
    gradients = tape.gradient(energy, model.trainable_variables)
    found = dict(zip([v.path for v in model.trainable_variables], gradients))
    for path, gradient in found.items():
        values = tf.convert_to_tensor(gradient).numpy()
        if path.endswith(("out", "offset")):
            by_class = values.reshape(3, -1).T
        else:
            by_class = values.reshape(-1, 3, 5).transpose(0, 2, 1).reshape(-1, 3)
        assert np.all(by_class[:, [0, 2]] == 0.0), path
        assert np.any(by_class[:, 1] != 0.0), path


def test_it_is_saved_and_made_again(model, x, tmp_path):
    save_energy(model, str(tmp_path / "model.keras"))
    loaded = load_energy(str(tmp_path / "model.keras"))
    np.testing.assert_array_equal(loaded(x, LABELS), model(x, LABELS))
