"""What a loaded SavedModel answers is what the model and its chains give here."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import bind_condition, build_energy
from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.export import saved_model
from ebm_tf.sampling import langevin
from ebm_tf.sampling.samplers.hmc import HmcSampler
from ebm_tf.sampling.samplers.mala import MalaSampler
from tests.ebm_tf.export import small


def in_process_chain(model, x, labels, seed, num_steps):
    config = dataclasses.replace(small.LANGEVIN, num_steps=num_steps)

    @tf.function(autograph=False)
    def chain(x, seed):
        energy_fn = bind_condition(model, labels)
        return langevin.langevin_chain(energy_fn, x, seed, config, PIXELS)

    return chain(x, seed)


def in_process_samples(model, labels, num, seed, num_steps):
    noise_seed, chain_seed = rng.split(seed, 2)
    start = PIXELS.uniform(noise_seed, (num, *small.SHAPE))
    return start, in_process_chain(model, start, labels, chain_seed, num_steps)


@pytest.mark.parametrize("num", [1, 2, small.MAX_NUM])
def test_energy_is_the_model_s(unconditional, num):
    model, _, loaded, _ = unconditional
    got = loaded.signatures["energy"](images=small.images(num))
    assert list(got) == ["energy"]
    assert got["energy"].shape == (num,)
    np.testing.assert_allclose(got["energy"], model(small.images(num)), rtol=1e-5)


@pytest.mark.parametrize("num, num_steps", [(1, 1), (3, small.MAX_STEPS)])
def test_sample_is_the_chain_from_noise(unconditional, num, num_steps):
    model, _, loaded, _ = unconditional
    seed = rng.make_seed(11)
    got = loaded.signatures["sample"](
        num=tf.constant(num), seed=seed, num_steps=tf.constant(num_steps)
    )
    start, expected = in_process_samples(model, None, num, seed, num_steps)
    assert np.abs(expected - start).max() > 0.02  # the chain goes somewhere
    np.testing.assert_allclose(got["images"], expected, atol=1e-6)


def test_refine_is_the_chain_from_the_images(unconditional):
    model, _, loaded, _ = unconditional
    seed = rng.make_seed(12)
    got = loaded.signatures["refine"](
        images=small.images(4), seed=seed, num_steps=tf.constant(3)
    )
    expected = in_process_chain(model, small.images(4), None, seed, 3)
    np.testing.assert_allclose(got["images"], expected, atol=1e-6)


def test_one_seed_gives_the_same_images_and_another_others(unconditional):
    _, _, loaded, _ = unconditional

    def sample(value):
        return loaded.signatures["sample"](
            num=tf.constant(2), seed=rng.make_seed(value), num_steps=tf.constant(2)
        )["images"].numpy()

    np.testing.assert_array_equal(sample(3), sample(3))
    # Two uniform images differ by 1/3 on average.
    assert np.abs(sample(3) - sample(4)).mean() > 0.1


def test_an_unconditional_model_takes_no_labels_and_does_not_classify(unconditional):
    _, listing, loaded, _ = unconditional
    assert (
        set(loaded.signatures)
        == set(listing)
        == {
            "energy",
            "sample",
            "draw",
            "refine",
        }
    )
    assert listing["sample"] == {
        "inputs": {
            "num": "int32 []",
            "seed": "int32 [2]",
            "num_steps": "int32 []",
        },
        "outputs": {"images": "float32 [B, 8, 8, 1]"},
    }
    assert listing["energy"]["outputs"] == {"energy": "float32 [B]"}


def test_labels_reach_every_signature(conditional):
    model, listing, loaded, _ = conditional
    labels = tf.constant([2, 0, 1])
    seed, num_steps = rng.make_seed(5), tf.constant(3)
    x = small.images(3)
    for name in ("energy", "sample", "refine"):
        assert listing[name]["inputs"]["labels"] == "int32 [B]"

    energy = loaded.signatures["energy"](images=x, labels=labels)["energy"]
    np.testing.assert_allclose(energy, model(x, labels), rtol=1e-5)
    other = loaded.signatures["energy"](images=x, labels=(labels + 1) % small.CLASSES)
    assert np.abs(other["energy"] - energy).min() > 1e-3

    refined = loaded.signatures["refine"](
        images=x, labels=labels, seed=seed, num_steps=num_steps
    )
    expected = in_process_chain(model, x, labels, seed, 3)
    np.testing.assert_allclose(refined["images"], expected, atol=1e-5)

    sampled = loaded.signatures["sample"](
        num=tf.constant(3), labels=labels, seed=seed, num_steps=num_steps
    )
    _, expected = in_process_samples(model, labels, 3, seed, 3)
    np.testing.assert_allclose(sampled["images"], expected, atol=1e-5)


def test_labels_are_required_of_a_conditional_model(conditional):
    _, _, loaded, _ = conditional
    with pytest.raises(TypeError, match="labels"):
        loaded.signatures["energy"](images=small.images(1))


def test_classify_names_the_class_of_least_energy(conditional):
    model, _, loaded, _ = conditional
    x = small.images(5)
    got = loaded.signatures["classify"](images=x)
    expected = np.stack(
        [model(x, tf.fill([5], c)) for c in range(small.CLASSES)], axis=1
    )
    np.testing.assert_allclose(got["energies"], expected, rtol=1e-5)
    np.testing.assert_array_equal(got["label"], expected.argmin(axis=1))
    assert got["label"].dtype == tf.int32


@pytest.mark.parametrize("changes", [{"max_num": 0}, {"max_steps": 0}])
def test_limits_must_be_positive(changes):
    model = build_energy(small.CONVNET, small.SHAPE, seed=0)
    limits = {"max_num": 1, "max_steps": 1} | changes
    (name,) = changes
    with pytest.raises(ValueError, match=f"`{name}` must be at least 1"):
        saved_model.ServedEnergy(model, PIXELS, small.LANGEVIN, **limits)


@pytest.mark.parametrize(
    "sampler",
    [
        MalaSampler(num_steps=4, step_size=0.5, noise_std=0.1),
        HmcSampler(
            num_steps=4, num_leapfrog=2, step_size=0.02, temperature=0.01, adapt=None
        ),
    ],
    ids=["mala", "hmc"],
)
def test_other_samplers_are_served_too(sampler, tmp_path):
    *_, loaded = small.export(small.CONVNET, tmp_path, sampler)
    request = {"images": small.images(3), "seed": rng.make_seed(2)}
    refine = loaded.signatures["refine"]
    one, two = (refine(**request, num_steps=tf.constant(3))["images"] for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert np.abs(one - request["images"]).max() > 0.02
    assert np.all((one >= 0) & (one <= 1))
    assert not sampler.takes_row_seeds  # so that `draw` runs chains one by one
    seeds, three = tf.constant([[1, 2], [3, 4], [1, 2]]), tf.constant(3)
    drawn = loaded.signatures["draw"](seeds=seeds, num_steps=three)["images"]
    np.testing.assert_array_equal(drawn[0], drawn[2])
    sample = loaded.signatures["sample"]
    alone = sample(num=tf.constant(1), seed=seeds[1], num_steps=three)["images"]
    np.testing.assert_array_equal(drawn[1], alone[0])


def test_a_class_and_a_noise_level_are_inputs_of_their_own(tmp_path):
    levels = NoiseLevelConfig(low=0.1, high=10.0)
    config = dataclasses.replace(small.RESNET, noise_levels=levels)
    model, listing, loaded = small.export(config, tmp_path)
    assert set(listing["energy"]["inputs"]) == {"images", "labels", "noise_level"}
    assert listing["sample"]["inputs"]["noise_level"] == "float32 [B]"
    x = small.images(3)
    given = tf.nest.map_structure(tf.constant, model.condition_space.in_turn(0, 3))
    energy = loaded.signatures["energy"]
    found = energy(images=x, **given)["energy"]
    np.testing.assert_allclose(found, model(x, given), rtol=1e-4, atol=1e-4)
    with pytest.raises(tf.errors.InvalidArgumentError, match="`noise_level` must be 0"):
        energy(images=x, **given | {"noise_level": tf.constant([0.1, 1.0, 11.0])})
