"""Networks from configurations: seeds, labels, and files that give them back."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import UNIT, OpenSpace
from ebm_tf.energy import build
from ebm_tf.energy.sublayers import all_layers
from tests.ebm_tf.energy.small_networks import NETWORKS, arguments


@pytest.fixture
def quick(monkeypatch):
    """Spectra are estimated by one power iteration: it is not about them."""
    monkeypatch.setattr(build, "_FIRST_ITERATIONS", 1)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", NETWORKS)
def test_weights_depend_on_the_seed_alone(name):
    config, shape = NETWORKS[name]
    keras.utils.set_random_seed(1)
    one = build.build_energy(config, shape, seed=5)
    keras.utils.set_random_seed(2)
    same = build.build_energy(config, shape, seed=5)
    other = build.build_energy(config, shape, seed=6)
    for a, b, c in zip(one.weights, same.weights, other.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)
        drawn = a.path.endswith(("kernel", "/u"))
        if drawn and a.shape != (1,):  # the unit vector of one unit is (1,)
            assert np.abs(a.numpy() - c.numpy()).max() > 0.0, a.path


def test_no_two_kernels_are_drawn_from_one_seed():
    model = build.build_energy(NETWORKS["mlp"][0], (8,), seed=0)
    one, two = model.hidden
    first, second = one.kernel.numpy(), two.kernel.numpy()
    assert first.shape == second.shape
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.5
    u = one.u.numpy() @ two.u.numpy()
    assert abs(u) < 0.99


@pytest.mark.parametrize("name", NETWORKS)
def test_spectra_are_estimated(name):
    config, shape = NETWORKS[name]
    model = build.build_energy(config, shape, seed=0)
    layers = [layer for layer in all_layers(model) if hasattr(layer, "u")]
    assert layers
    for layer in layers:
        kernel = layer.normalized_kernel().numpy()
        matrix = kernel.reshape(-1, kernel.shape[-1]).astype(np.float64)
        norm = np.linalg.svd(matrix, compute_uv=False)[0]
        if layer.bounded:
            assert norm < 1e-8  # near zero, and left alone
        else:
            assert 1.0 - 1e-5 < norm < 1.05  # sigma is estimated from below


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", NETWORKS)
def test_saved_network_has_the_same_energies(name, tmp_path):
    config, shape = NETWORKS[name]
    model = build.build_energy(config, shape, seed=0)
    draw = np.random.default_rng(3)
    for weight in model.weights:  # as if trained
        noise = 0.3 * draw.standard_normal(weight.shape)
        weight.assign(weight.numpy() + noise.astype(np.float32))
    path = str(tmp_path / "model.keras")
    build.save_energy(model, path)
    loaded = build.load_energy(path)
    assert type(loaded) is type(model)
    assert loaded.config == config
    assert loaded.state_shape == shape
    assert loaded.num_classes == config.num_classes
    assert [w.path for w in loaded.weights] == [w.path for w in model.weights]
    for a, b in zip(model.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)
    given = arguments(name)
    np.testing.assert_array_equal(model(*given), loaded(*given))
    assert np.ptp(model(*given)) > 1e-3


@pytest.mark.usefixtures("quick")
def test_saved_again_it_is_the_same_file(tmp_path):
    config, shape = NETWORKS["conditional"]
    paths = [tmp_path / "one.keras", tmp_path / "two.keras"]
    for path in paths:
        build.save_energy(build.build_energy(config, shape, seed=0), str(path))
    assert paths[0].read_bytes() == paths[1].read_bytes()
    build.save_energy(build.build_energy(config, shape, seed=1), str(paths[1]))
    assert paths[0].read_bytes() != paths[1].read_bytes()
    assert sorted(tmp_path.iterdir()) == paths


def test_missing_file_is_named(tmp_path):
    path = str(tmp_path / "none.keras")
    with pytest.raises(FileNotFoundError, match=r"none\.keras"):
        build.load_energy(path)


def test_conditional_energy_is_bound_to_its_labels():
    config, shape = NETWORKS["conditional"]
    model = build.build_energy(config, shape, seed=0)
    # A new network is the same for every label.
    draw, block = np.random.default_rng(1), model.blocks[0]
    for weight in (block.bias_1.main, block.conv_2.kernel):
        weight.assign(draw.standard_normal(weight.shape).astype(np.float32))
    x, labels = arguments("conditional")
    bound = build.bind_condition(model, labels)
    np.testing.assert_array_equal(bound(x), model(x, labels))
    other = build.bind_condition(model, (labels + 1) % 3)
    assert np.abs(bound(x) - other(x)).min() > 1e-4


def test_unconditional_energy_is_bound_to_no_labels():
    config, shape = NETWORKS["resnet"]
    model = build.build_energy(config, shape, seed=0)
    (x,) = arguments("resnet")
    np.testing.assert_array_equal(build.bind_condition(model, None)(x), model(x))


def test_labels_missing_or_too_many_are_refused():
    conditional = build.build_energy(*NETWORKS["conditional"], seed=0)
    with pytest.raises(ValueError, match="`labels` must be given.*3 classes"):
        build.bind_condition(conditional, None)
    unconditional = build.build_energy(*NETWORKS["mlp"], seed=0)
    with pytest.raises(ValueError, match="`labels` must be None"):
        build.bind_condition(unconditional, tf.constant([0, 1]))


def test_residual_network_called_with_the_wrong_arguments_says_so():
    x, labels = arguments("conditional")
    conditional = build.build_energy(*NETWORKS["conditional"], seed=0)
    with pytest.raises(ValueError, match="`labels` must be given.*3 classes"):
        conditional(x)
    unconditional = build.build_energy(*NETWORKS["resnet"], seed=0)
    with pytest.raises(ValueError, match="`labels` must be None"):
        unconditional(x, labels)


def test_a_saved_network_keeps_its_space_and_an_old_file_has_the_old_one(tmp_path):
    config, shape = NETWORKS["mlp"]
    path = str(tmp_path / "model.keras")
    for space, found in ((OpenSpace(mean=0.0, std=2.0), None), (None, UNIT)):
        build.save_energy(build.build_energy(config, shape, 0, space), path)
        assert build.load_energy(path).space == (found or space)
