"""An image drawn among others is what its own seed, class and steps make it."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.energy.networks.levels import NoisedBaseConfig
from ebm_tf.energy.networks.unet import UNetConfig
from ebm_tf.sampling.samplers.reverse_diffusion import ReverseDiffusionSampler
from tests.ebm_tf.export import small

SEED, LABEL = (7, 9), 1
STEPS = 3


def draw(loaded, listing, seeds, labels, num_steps=STEPS):
    request = {
        "seeds": tf.constant(seeds, tf.int32),
        "labels": tf.constant(labels, tf.int32),
        "noise_level": tf.ones([len(seeds)]),
        "num_steps": tf.constant(num_steps),
    }
    inputs = small.only(listing["draw"]["inputs"], request)
    return loaded.signatures["draw"](**inputs)["images"].numpy()


def at_every_place(loaded, listing):
    """Returns the image of one seed at each place, among others at each."""
    found = []
    for place in range(small.MAX_NUM):
        numbers = np.random.default_rng(place)
        seeds = numbers.integers(0, 2**31, (small.MAX_NUM, 2))
        labels = numbers.integers(0, small.CLASSES, small.MAX_NUM)
        seeds[place], labels[place] = SEED, LABEL
        found.append(draw(loaded, listing, seeds, labels)[place])
    return np.stack(found)


@pytest.fixture(scope="module")
def levels(tmp_path_factory):
    config = UNetConfig(
        base=NoisedBaseConfig(kind="normal"),
        gate_scale=1.0,
        embedding=4,
        patch=1,
        widths=(4, 6),
        blocks=1,
        middle_blocks=1,
        num_classes=small.CLASSES,
        noise_levels=NoiseLevelConfig(low=0.01, high=10.0),
    )
    sampler = ReverseDiffusionSampler(num_steps=STEPS)
    folder = tmp_path_factory.mktemp("levels")
    return (*small.export(config, folder, sampler), folder)


@pytest.mark.parametrize("name", ["unconditional", "conditional", "levels"])
def test_neighbours_and_place_do_not_count(name, request):
    _, listing, loaded, _ = request.getfixturevalue(name)
    images = at_every_place(loaded, listing)
    np.testing.assert_array_equal(images, images[:1].repeat(small.MAX_NUM, axis=0))
    labels = [LABEL] * small.MAX_NUM
    others = draw(loaded, listing, [(n, 0) for n in range(small.MAX_NUM)], labels)
    # Images of other seeds differ: it was not one image all along.
    assert np.abs(others[1:] - others[:-1]).max(axis=(1, 2, 3)).min() > 0.05


@pytest.mark.parametrize("name", ["conditional", "levels"])
def test_an_image_is_the_sample_of_its_seed_and_class(name, request):
    _, listing, loaded, _ = request.getfixturevalue(name)
    drawn = draw(loaded, listing, [(3, 4), SEED], [0, LABEL])
    for row, seed, label in ((0, (3, 4), 0), (1, SEED, LABEL)):
        asked = {
            "num": tf.constant(1),
            "labels": tf.constant([label]),
            "noise_level": tf.ones([1]),
            "seed": tf.constant(seed),
            "num_steps": tf.constant(STEPS),
        }
        inputs = small.only(listing["sample"]["inputs"], asked)
        alone = loaded.signatures["sample"](**inputs)["images"]
        # Rounding is that of a batch of two, and grows with the noise of level 10.
        np.testing.assert_allclose(drawn[row], alone[0], atol=1e-3)


@pytest.mark.parametrize(
    "seeds, labels, num_steps, message",
    [
        ([SEED] * 7, [0] * 7, 1, "`seeds` must be 1 to 6 seeds. Received: 7 of them"),
        ([SEED], [3], 1, "`labels` must be 0 to 2. Received: labels=[3]"),
        ([SEED], [0, 0], 1, "`labels` must hold one label for each of 1 images"),
        ([SEED], [0], 6, "`num_steps` must be 1 to 5. Received: num_steps=6"),
        ([(1, 2, 3)], [0], 1, "`seeds` must be of shape [B, 2]"),
    ],
)
def test_what_is_refused(conditional, seeds, labels, num_steps, message):
    _, listing, loaded, _ = conditional
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        draw(loaded, listing, seeds, labels, num_steps)
    assert message in error.value.message


def test_seeds_of_rows_are_the_seeds_one_by_one():
    seeds = tf.constant([[1, 2], [3, 4], [1, 2]])
    assert rng.is_by_row(seeds) and not rng.is_by_row(seeds[0])
    for draw_by in (
        lambda seed: rng.fold_in(seed, 5),
        lambda seed: rng.split(seed, 2)[1],
    ):
        found = draw_by(seeds)
        np.testing.assert_array_equal(found, [draw_by(seed) for seed in seeds])
    for numbers in (rng.normal, rng.uniform):
        found = numbers(seeds, (3, 2, 2))
        each = [numbers(seed, (2, 2)) for seed in seeds]
        np.testing.assert_array_equal(found, each)
        np.testing.assert_array_equal(found[0], found[2])
        assert np.abs(found[0] - found[1]).min() > 0
