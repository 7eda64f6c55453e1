import os
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import bind_labels, build_energy
from ebm_tf.energy.config import ConvNetConfig, ResNetConfig
from ebm_tf.export import saved_model
from ebm_tf.sampling import langevin
from ebm_tf.sampling.config import LangevinSampler

SHAPE = (8, 8, 1)
CLASSES = 3
MAX_NUM, MAX_STEPS = 6, 5
# Steps large enough that images move by far more than rounding.
LANGEVIN = LangevinSampler(num_steps=4, step_size=50.0, noise_std=0.01, grad_clip=None)
CONVNET = ConvNetConfig(
    stem_filters=4,
    filters=4,
    activation="swish",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
)
RESNET = ResNetConfig(
    stem_filters=4,
    stage_filters=(4,),
    stage_blocks=(1,),
    activation="swish",
    head_activation="relu",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
    num_classes=CLASSES,
)


def export(config, folder):
    model = build_energy(config, SHAPE, seed=1)
    # Gains, biases and the last convolutions start where labels and blocks do nothing.
    for index, weight in enumerate(model.trainable_variables):
        weight.assign_add(0.3 * rng.normal(rng.make_seed(index), weight.shape))
    served = saved_model.ServedEnergy(
        model, PIXELS, LANGEVIN, max_num=MAX_NUM, max_steps=MAX_STEPS
    )
    listing = saved_model.export_saved_model(served, str(folder))
    loaded = tf.saved_model.load(os.path.join(folder, "1"))
    return model, listing, loaded


@pytest.fixture(scope="module")
def unconditional(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unconditional")
    return (*export(CONVNET, folder), folder)


@pytest.fixture(scope="module")
def conditional(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conditional")
    return (*export(RESNET, folder), folder)


def images(num, seed=0):
    return PIXELS.uniform(rng.make_seed(seed), (num, *SHAPE))


def in_process_chain(model, x, labels, seed, num_steps):
    config = LangevinSampler(
        num_steps=num_steps,
        step_size=LANGEVIN.step_size,
        noise_std=LANGEVIN.noise_std,
        grad_clip=LANGEVIN.grad_clip,
    )

    @tf.function(autograph=False)
    def chain(x, seed):
        energy_fn = bind_labels(model, labels)
        return langevin.langevin_chain(energy_fn, x, seed, config, PIXELS)

    return chain(x, seed)


def in_process_samples(model, labels, num, seed, num_steps):
    noise_seed, chain_seed = rng.split(seed, 2)
    start = PIXELS.uniform(noise_seed, (num, *SHAPE))
    return start, in_process_chain(model, start, labels, chain_seed, num_steps)


@pytest.mark.parametrize("num", [1, 2, MAX_NUM])
def test_energy_is_the_model_s(unconditional, num):
    model, _, loaded, _ = unconditional
    got = loaded.signatures["energy"](images=images(num))
    assert list(got) == ["energy"]
    assert got["energy"].shape == (num,)
    np.testing.assert_allclose(got["energy"], model(images(num)), rtol=1e-5)


@pytest.mark.parametrize("num, num_steps", [(1, 1), (3, MAX_STEPS)])
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
        images=images(4), seed=seed, num_steps=tf.constant(3)
    )
    expected = in_process_chain(model, images(4), None, seed, 3)
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
    assert set(loaded.signatures) == set(listing) == {"energy", "sample", "refine"}
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
    x = images(3)
    for name in ("energy", "sample", "refine"):
        assert listing[name]["inputs"]["labels"] == "int32 [B]"

    energy = loaded.signatures["energy"](images=x, labels=labels)["energy"]
    np.testing.assert_allclose(energy, model(x, labels), rtol=1e-5)
    other = loaded.signatures["energy"](images=x, labels=(labels + 1) % CLASSES)
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
        loaded.signatures["energy"](images=images(1))


def test_classify_names_the_class_of_least_energy(conditional):
    model, _, loaded, _ = conditional
    x = images(5)
    got = loaded.signatures["classify"](images=x)
    expected = np.stack([model(x, tf.fill([5], c)) for c in range(CLASSES)], axis=1)
    np.testing.assert_allclose(got["energies"], expected, rtol=1e-5)
    np.testing.assert_array_equal(got["label"], expected.argmin(axis=1))
    assert got["label"].dtype == tf.int32


GOOD = {
    "images": images(2),
    "labels": tf.constant([0, 1]),
    "num": tf.constant(2),
    "seed": rng.make_seed(0),
    "num_steps": tf.constant(2),
}
BAD = [
    ("num", 0, "`num` must be 1 to 6. Received: num=0"),
    ("num", -3, "`num` must be 1 to 6. Received: num=-3"),
    ("num", 2**31 - 1, "`num` must be 1 to 6. Received: num=2147483647"),
    ("num_steps", 0, "`num_steps` must be 1 to 5. Received: num_steps=0"),
    ("num_steps", 6, "`num_steps` must be 1 to 5. Received: num_steps=6"),
    ("labels", [0, 3], "`labels` must be 0 to 2. Received: labels=[0 3]"),
    ("labels", [-1, 0], "`labels` must be 0 to 2. Received: labels=[-1 0]"),
    (
        "labels",
        [0],
        "`labels` must hold one label for each of 2 images. Received: 1 labels",
    ),
    (
        "images",
        np.full((2, *SHAPE), 1.5, np.float32),
        "`images` must lie in [0.0, 1.0]. Received: values from 1.5 to 1.5, 0 of",
    ),
    (
        "images",
        np.full((2, *SHAPE), np.nan, np.float32),
        "128 of them not a number",
    ),
    (
        "images",
        np.zeros((7, *SHAPE), np.float32),
        "`images` must be 1 to 6 images. Received: 7 of them",
    ),
    (
        "images",
        np.zeros((0, *SHAPE), np.float32),
        "`images` must be 1 to 6 images. Received: 0 of them",
    ),
]


@pytest.mark.parametrize("name, value, message", BAD)
def test_bad_values_fail_with_a_sentence(conditional, name, value, message):
    _, listing, loaded, _ = conditional
    for signature, spec in listing.items():
        if name in spec["inputs"]:
            request = GOOD | {name: tf.constant(value)}
            request = {key: request[key] for key in spec["inputs"]}
            with pytest.raises(
                tf.errors.InvalidArgumentError, match=re.escape(message)
            ):
                loaded.signatures[signature](**request)


@pytest.mark.parametrize(
    "name, shape, found",
    [
        ("images", (2, 8, 9, 1), "[2 8 9 1]"),
        ("images", (2, 8, 8, 3), "[2 8 8 3]"),
        ("images", (8, 8, 1), "[8 8 1]"),
        ("images", (2, 8, 8, 1, 1), "[2 8 8 1 1]"),
        ("images", (), "[]"),
        ("labels", (2, 1), "[2 1]"),
        ("labels", (), "[]"),
        ("num", (1,), "[1]"),
        ("num", (2, 2), "[2 2]"),
        ("num_steps", (1,), "[1]"),
        ("seed", (), "[]"),
        ("seed", (3,), "[3]"),
    ],
)
def test_wrong_shapes_fail_with_a_sentence(conditional, name, shape, found):
    _, listing, loaded, _ = conditional
    for signature, spec in listing.items():
        if name in spec["inputs"]:
            expected = spec["inputs"][name].split(" ", 1)[1]
            message = f"`{name}` must be of shape {expected}. Received: shape={found}"
            request = GOOD | {name: tf.ones(shape, GOOD[name].dtype)}
            request = {key: request[key] for key in spec["inputs"]}
            with pytest.raises(
                tf.errors.InvalidArgumentError, match=re.escape(message)
            ):
                loaded.signatures[signature](**request)


@pytest.mark.parametrize("dtype", [tf.float64, tf.int32, tf.uint8])
def test_a_wrong_dtype_does_not_get_past_the_signature(unconditional, dtype):
    _, _, loaded, _ = unconditional
    with pytest.raises(tf.errors.InvalidArgumentError, match="expected to be a float"):
        loaded.signatures["energy"](images=tf.zeros((2, *SHAPE), dtype))


def test_a_good_request_after_a_bad_one_is_answered(unconditional):
    _, _, loaded, _ = unconditional
    with pytest.raises(tf.errors.InvalidArgumentError):
        loaded.signatures["energy"](images=images(1) + 1.0)
    assert loaded.signatures["energy"](images=images(1))["energy"].shape == (1,)


CLIENT = """
import importlib.util, sys
import numpy as np
import tensorflow as tf
assert importlib.util.find_spec("ebm_tf") is None
sample = tf.saved_model.load(sys.argv[1]).signatures["sample"]
images = sample(
    num=tf.constant(3),
    labels=tf.constant([0, 1, 2]),
    seed=tf.constant([7, 0]),
    num_steps=tf.constant(4),
)["images"]
np.save(sys.argv[2], images)
"""


def test_it_samples_in_a_process_that_cannot_import_ebm_tf(conditional, tmp_path):
    _, _, loaded, folder = conditional
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    # -I ignores PYTHONPATH, the user's packages and the current folder.
    result = subprocess.run(
        [sys.executable, "-I", "-c", CLIENT, str(folder / "1"), "images.npy"],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    expected = loaded.signatures["sample"](
        num=tf.constant(3),
        labels=tf.constant([0, 1, 2]),
        seed=tf.constant([7, 0]),
        num_steps=tf.constant(4),
    )["images"]
    np.testing.assert_array_equal(np.load(tmp_path / "images.npy"), expected)


@pytest.mark.parametrize("changes", [{"max_num": 0}, {"max_steps": 0}])
def test_limits_must_be_positive(changes):
    model = build_energy(CONVNET, SHAPE, seed=0)
    limits = {"max_num": 1, "max_steps": 1} | changes
    (name,) = changes
    with pytest.raises(ValueError, match=f"`{name}` must be at least 1"):
        saved_model.ServedEnergy(model, PIXELS, LANGEVIN, **limits)
