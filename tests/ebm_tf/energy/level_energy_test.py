"""f = 0 is the base exactly, at every level; the base is what the data are."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import UNIT, OpenSpace
from ebm_tf.energy.build import build_energy, load_energy, save_energy
from ebm_tf.energy.networks.levels import NoisedBaseConfig
from tests.ebm_tf.energy import level_networks as small

NORMAL = NoisedBaseConfig(kind="normal")


def at(sigma, num=50):
    """Returns images with noise, and their levels."""
    noise = rng.normal(rng.make_seed(3), (num, *small.SHAPE))
    return small.images(num) + sigma * noise, tf.fill([num], sigma)


@pytest.mark.parametrize("config", [small.unet(), small.mlp()], ids=["unet", "mlp"])
@pytest.mark.parametrize("sigma", [1e-3, 0.3, 10.0])
def test_before_training_it_is_the_base_exactly(config, sigma):
    energy = small.fitted(config)
    y, level = at(sigma)
    np.testing.assert_array_equal(energy(y, level), -energy.base.at(y, level).log_prob)


def test_the_histogram_is_that_of_the_levels():
    energy = small.fitted(small.unet())
    levels = small.levels()
    np.testing.assert_allclose(
        energy.base_edges, np.array([0, 1, 128, 255, 256]) / 256, rtol=1e-6
    )
    widths = np.diff(energy.base_edges)
    found = energy.base_heights * widths
    black = (np.sum(levels == 0, axis=0) + 0.5) / (len(levels) + 128)
    np.testing.assert_allclose(found[..., 0], black, rtol=1e-4)
    low = np.sum((levels > 0) & (levels < 128), axis=0) + 127 * 0.5
    np.testing.assert_allclose(found[..., 1], low / (len(levels) + 128), rtol=1e-4)


def test_the_normal_base_has_the_moments_of_the_data():
    energy = small.fitted(small.mlp(base=NORMAL))
    x = small.images()
    np.testing.assert_allclose(energy.base_mean, x.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(energy.base_std, x.std(axis=0, ddof=1), rtol=1e-4)


def test_the_correction_fades_as_the_level_grows():
    energy = small.fitted(small.unet())
    small.stir(energy)
    apart = []
    for sigma in (0.1, 1.0, 10.0):
        y, level = at(sigma)
        base = energy.base.at(y, level)
        embedded = energy.embedding(level)
        found = energy(y, level) + base.log_prob
        gate = 1.0 / (1.0 + sigma**2)
        wanted = gate * energy.correction(base.features, embedded)
        np.testing.assert_allclose(found, wanted, rtol=2e-2, atol=2e-3)
        apart.append(np.std(found))
    assert apart[0] > 10 * apart[2] > 0.0


def test_samples_of_the_highest_level_have_its_density():
    energy = small.fitted(small.mlp(base=NORMAL))
    x = energy.widest(4000, rng.make_seed(1))
    logs = energy.log_prob_widest(x).numpy()
    variance = np.square(energy.base_std) + 100.0
    entropy = 0.5 * np.sum(np.log(2 * np.pi * np.e * variance))
    assert abs(logs.mean() + entropy) < 4 * np.sqrt(32 / 4000)


@pytest.mark.parametrize("config", [small.unet(num_classes=3), small.mlp(base=NORMAL)])
def test_it_is_the_same_from_a_file(config, tmp_path):
    energy = small.fitted(config)
    small.stir(energy)
    path = str(tmp_path / "model.keras")
    save_energy(energy, path)
    loaded = load_energy(path)
    y, level = at(0.2, 6)
    given = level
    if config.num_classes:
        given = {"labels": tf.constant([0, 1, 2, 0, 1, 2]), "noise_level": level}
    np.testing.assert_array_equal(energy(y, given), loaded(y, given))
    if config.num_classes:
        other = given | {"labels": tf.constant([1, 2, 0, 1, 2, 0])}
        assert np.all(np.abs(energy(y, given) - energy(y, other)) > 1e-4)


def test_bfloat16_is_refused():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        with pytest.raises(TypeError, match="`dtype` must be float32"):
            build_energy(small.mlp(), small.SHAPE, 0)
    finally:
        keras.config.set_dtype_policy(before)


@pytest.mark.parametrize("space", [UNIT, OpenSpace(mean=0.0, std=1.0)])
def test_a_histogram_asks_for_levels(space):
    energy = build_energy(small.mlp(), small.SHAPE, 0, space)
    with pytest.raises(ValueError, match="`space` must be stored as 4 levels or more"):
        energy.fit_base([small.images()])


def test_weights_that_are_fitted_are_those_that_do_not_train():
    energy = small.fitted(small.unet())
    fixed = {weight.path for weight in energy.fixed_weights}
    assert fixed == {weight.path for weight in energy.non_trainable_weights}
    assert len(fixed) == 4
