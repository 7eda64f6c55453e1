"""Chains and files of an energy whose samples are known: a bowl with one center."""

import os

import keras
import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import box
from ebm_tf.notebook import models
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from tests.plugins.bowl import BowlConfig

SPACE = box.OpenSpace(mean=(0.0, 0.0), std=(3.0, 3.0))
# Temperature 1: noise_std**2 == 2 * step_size.
SAMPLER = LangevinSampler(num_steps=300, step_size=0.02, noise_std=0.2, grad_clip=None)


@pytest.fixture
def energy():
    made = BowlConfig(stiffness=4.0).make((2,))
    made.center.assign([1.0, -2.0])
    made.space = SPACE
    return made


def test_chains_end_in_the_gaussian_that_the_energy_is(energy):
    x = models.sample(energy, 4000, SAMPLER, seed=1)
    assert x.shape == (4000, 2) and x.dtype == np.float32
    # 4000 draws: the error of a mean is 0.008, of a std 0.006; the step adds 2 %.
    np.testing.assert_allclose(x.mean(axis=0), [1.0, -2.0], atol=0.04)
    np.testing.assert_allclose(x.std(axis=0), [0.5, 0.5], atol=0.035)
    np.testing.assert_array_equal(x, models.sample(energy, 4000, SAMPLER, seed=1))


def test_a_stored_energy_comes_back_from_each_place(energy, tmp_path):
    os.makedirs(tmp_path / "model")
    path = str(tmp_path / "model/model.keras")
    models.save(energy, path)
    x = tf.constant([[0.0, 0.0], [1.0, -2.0]])
    for place in (path, str(tmp_path / "model"), str(tmp_path)):
        found = models.load(place)
        np.testing.assert_allclose(found(x), [10.0, 0.0])
        assert found.space == SPACE


def test_an_exported_model_runs_as_tensorflow_alone(energy, tmp_path):
    signatures = models.export_model(energy, str(tmp_path), SAMPLER, max_num=4)
    assert signatures["sample"]["outputs"] == {"images": "float32 [B, 2]"}
    served = tf.saved_model.load(str(tmp_path / "1")).signatures
    found = served["energy"](images=tf.constant([[1.0, -2.0]]))["energy"]
    np.testing.assert_allclose(found, [0.0], atol=1e-6)
    with pytest.raises(ValueError, match="`folder` must be without a SavedModel"):
        models.export_model(energy, str(tmp_path), SAMPLER)


def test_what_is_wrong_is_one_line(energy, tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no model at"):
        models.load(str(tmp_path))
    with pytest.raises(ValueError, match="`path` must be a .keras file"):
        models.save(energy, str(tmp_path / "x"))
    with pytest.raises(ValueError, match="`sampler` must be a `SamplerConfig`"):
        models.sample(energy, 1, "langevin")
    with pytest.raises(ValueError, match="`num` must be"):
        models.sample(energy, 0, SAMPLER)
    energy.space = None
    with pytest.raises(ValueError, match="`energy` must be one whose `space` is known"):
        models.sample(energy, 1, SAMPLER)


def test_a_file_that_is_no_energy_is_one_line(tmp_path):
    (tmp_path / "text.keras").write_text("no archive")
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(
        tmp_path / "plain.keras"
    )
    for name in ("text.keras", "plain.keras"):
        with pytest.raises(ValueError, match=f"{name} holds no energy") as caught:
            models.load(str(tmp_path / name))
        assert "\n" not in str(caught.value)


def test_a_keras_model_is_told_from_an_energy(tmp_path):
    plain = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    for call in (
        lambda: models.sample(plain, 1, SAMPLER),
        lambda: models.save(plain, str(tmp_path / "x.keras")),
        lambda: models.export_model(None, str(tmp_path), SAMPLER),
    ):
        with pytest.raises(ValueError, match="`energy` must be an energy: train it by"):
            call()
    assert not list(tmp_path.iterdir())
