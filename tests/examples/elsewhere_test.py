"""A training that is packed for another machine, and what comes back of it."""

import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from benchmarks.elsewhere import averages, compact, images

COUNTER = "adam/iteration"


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def state(rng):
    """Like that of an update: a trained weight, one that stays, moments, replays."""
    weight = rng.normal(size=(40, 30)).astype(np.float32)
    return {
        "energy/kernel": weight,
        "energy/base": np.linspace(0, 1, 7, dtype=np.float32),
        "adam/energy_kernel_velocity": np.zeros((40, 30), np.float32),
        "adam/energy_kernel_average": 0.75 * weight,
        COUNTER: np.array(2),
        "replay/states": np.full((9, 4, 4, 1), 3, np.uint8),
    }


def test_a_packed_state_is_small_and_as_near_as_it_says(state):
    state["energy/same"] = state["energy/base"].copy()
    names = averages.trained(state, COUNTER)
    assert names == ["energy/kernel"]
    packed = compact.pack(state, names, ["replay/states"])
    assert packed["energy/kernel"].dtype == np.float16
    assert not {"energy/same", "adam/energy_kernel_velocity"} & set(packed)
    got = compact.unpack(packed)
    assert list(got) == list(state)
    for name, array in state.items():
        assert got[name].dtype == array.dtype and got[name].shape == array.shape
        # Half precision has 11 bits: what is kept is off by half of the last at most.
        bound = 2.0**-11 if name == "energy/kernel" else 0
        if name != "replay/states":
            np.testing.assert_allclose(got[name], array, rtol=bound, atol=1e-7)
    assert len(np.unique(got["replay/states"])) > 50  # drawn anew


def test_numbers_too_large_for_half_precision_are_refused(state):
    state["energy/kernel"][3, 4] = 1e5
    with pytest.raises(OverflowError, match="energy/kernel"):
        compact.pack(state, ["energy/kernel"])


@pytest.mark.parametrize("decay", [0.5, None])
def test_averages_come_back_as_the_weights(state, decay):
    # After two updates of decay 0.5 an average from zero is 0.75 of the mean.
    weights = averages.adopt(state, COUNTER, decay)
    share = 0.75 if decay is None else 1.0
    np.testing.assert_allclose(
        weights["energy/kernel"], share * state["energy/kernel"], rtol=1e-6
    )
    np.testing.assert_array_equal(weights["energy/base"], state["energy/base"])
    assert set(weights) == {"energy/kernel", "energy/base"}
    again = averages.restore(weights | {COUNTER: np.array(2)}, state, COUNTER, decay)
    assert set(again) == set(state)
    for name, array in averages.adopt(again, COUNTER, decay).items():
        np.testing.assert_allclose(array, weights[name], rtol=1e-6)


def test_jpegs_travel_in_the_order_of_the_examples(tmp_path, rng):
    jpegs, pixels = [], []
    for _ in range(5):
        file = io.BytesIO()
        drawn = rng.integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(drawn).save(file, "JPEG")
        jpegs.append(file.getvalue())
        pixels.append(np.asarray(Image.open(file)))
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        for number, jpeg in enumerate(jpegs):
            member = tarfile.TarInfo(f"class/{number}.jpg")
            member.size = len(jpeg)
            tar.addfile(member, io.BytesIO(jpeg))
    order = np.array([3, 0, 4])
    wanted, labels = np.stack(pixels)[order], np.array([1, 0, 2], np.int32)
    archives = [str(tmp_path / "a.tar.gz")]
    images.pack(wanted, labels, archives, str(tmp_path))
    assert images.unpack(str(tmp_path), str(tmp_path / "shards"))
    got = np.load(tmp_path / "shards" / "images-00000.npy")
    np.testing.assert_array_equal(got, wanted)
    got = np.load(tmp_path / "shards" / "labels-00000.npy")
    np.testing.assert_array_equal(got, labels)
    with pytest.raises(ValueError, match="1 of 1 images are in no archive"):
        images.pack(wanted[:1] ^ 1, labels[:1], archives, str(tmp_path))


def test_pixels_travel_where_there_are_no_jpegs(tmp_path, rng):
    wanted = rng.integers(0, 256, (3, 2, 2, 1), np.uint8)
    images.pack(wanted, np.zeros(3, np.int32), [], str(tmp_path))
    assert images.unpack(str(tmp_path), str(tmp_path / "shards"))
    got = np.load(tmp_path / "shards" / "images-00000.npy")
    np.testing.assert_array_equal(got, wanted)
