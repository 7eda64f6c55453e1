"""A user's arrays: what they become, and one line for each that cannot be used."""

import json
import logging

import numpy as np
import pytest

from ebm_tf.data import array_folder

DRAW = np.random.default_rng(0)
UNIT = DRAW.random([30, 2], np.float32)
WIDE = (DRAW.standard_normal([40, 2]) * [1.0, 5.0] + [0.0, 20.0]).astype(np.float32)
LEVELS = DRAW.integers(0, 256, [30, 4, 5], np.uint8)


def save(folder, space=None, **arrays) -> str:
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    if space is not None:
        (folder / "space.json").write_text(json.dumps(space))
    return str(folder)


def whole(split):
    states, labels = zip(*split.chunks(), strict=True)
    return np.concatenate(states), np.concatenate(labels)


def message(folder) -> str:
    with pytest.raises(ValueError) as caught:
        array_folder.read(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "rows, shape",
    [
        (UNIT, (2,)),
        (UNIT.reshape(10, 6), (6,)),
        (UNIT.reshape(10, 3, 2), (3, 2)),
        (UNIT.reshape(10, 1, 3, 2), (1, 3, 2)),
        (UNIT.reshape(5, 2, 1, 3, 2), (2, 1, 3, 2)),
        (LEVELS, (4, 5, 1)),
        (LEVELS[..., None], (4, 5, 1)),
        (LEVELS.reshape(30, 20), (20,)),
    ],
)
def test_shapes(tmp_path, rows, shape):
    found = array_folder.read(save(tmp_path, train=rows, test=1 - rows))
    assert found.shape == shape
    states, labels = whole(found.splits["train"])
    assert states.shape == (len(rows), *shape) and not labels.any()
    np.testing.assert_array_equal(states.ravel(), rows.ravel())
    levels = 256 if rows.dtype == np.uint8 else None
    assert found.space == {"kind": "box", "low": 0.0, "high": 1.0, "num_levels": levels}


def test_without_a_test_set_a_tenth_is_held_out_always_the_same(tmp_path):
    folder = save(tmp_path, train=UNIT)
    first, again = (array_folder.read(folder) for _ in range(2))
    assert first.origin.endswith(", a tenth of them held out as test by a fixed seed")
    parts = [whole(first.splits[name])[0] for name in ("train", "test")]
    assert [len(part) for part in parts] == [27, 3]
    rows = {tuple(row) for row in np.concatenate(parts).tolist()}
    assert rows == {tuple(row) for row in UNIT.tolist()}
    np.testing.assert_array_equal(whole(again.splits["test"])[0], parts[1])


def test_floats_that_no_one_declared_are_an_open_space(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        found = array_folder.read(save(tmp_path, train=WIDE, test=WIDE[:5]))
    assert caplog.messages == [
        "arrays: floats outside [0, 1] and no space.json: an open space, with the "
        "mean and the std of train"
    ]
    assert found.space["kind"] == "open"
    exact = WIDE.astype(np.float64)
    np.testing.assert_allclose(found.space["mean"], exact.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(found.space["std"], exact.std(axis=0), rtol=1e-9)


@pytest.mark.parametrize(
    "rows, said, space",
    [
        (WIDE, {"low": -50, "high": 50}, ("box", -50, 50, None)),
        (UNIT, {"open": True, "mean": 0.5, "std": 2.0}, ("open", 0.5, 2.0)),
        (LEVELS // 16, {"low": 0, "high": 1, "num_levels": 16}, ("box", 0, 1, 16)),
        (LEVELS, {"low": -1.0, "high": 1.0}, ("box", -1.0, 1.0, 256)),
    ],
)
def test_what_space_json_declares(tmp_path, rows, said, space):
    found = array_folder.read(save(tmp_path, said, train=rows))
    assert tuple(found.space.values()) == space
    assert sorted(found.checksums) == ["space.json", "train.npy"]


def test_wide_floats_are_narrowed_and_that_is_said(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        found = array_folder.read(save(tmp_path, train=UNIT.astype(np.float64)))
    [line] = caplog.messages
    assert line.endswith("train.npy: float64 becomes float32")
    assert whole(found.splits["train"])[0].dtype == np.float32


def test_classes_and_numbers_as_labels(tmp_path):
    labels = np.arange(30) % 3
    folder = save(
        tmp_path,
        train=UNIT,
        test=UNIT[:5],
        train_labels=labels,
        test_labels=labels[:5],
    )
    found = array_folder.read(folder)
    assert found.class_names == ("0", "1", "2") and found.label_names == ()
    _states, held = whole(found.splits["test"])
    assert held.dtype == np.int32
    np.testing.assert_array_equal(held, labels[:5])
    np.save(tmp_path / "train_labels.npy", UNIT)
    np.save(tmp_path / "test_labels.npy", UNIT[:5])
    found = array_folder.read(folder)
    assert found.class_names is None and found.label_names == ("label_0", "label_1")
    np.testing.assert_array_equal(whole(found.splits["train"])[1], UNIT)


def test_one_npz_file(tmp_path):
    np.savez(tmp_path / "data.npz", train=UNIT, train_labels=np.arange(30) % 2)
    found = array_folder.read(str(tmp_path))
    assert sorted(found.checksums) == ["data.npz"]
    assert found.class_names == ("0", "1")
    assert found.splits["test"].num_examples == 3
    np.savez(tmp_path / "data.npz", train=UNIT, tset=UNIT)
    assert "must hold train, and of test, train_labels" in message(str(tmp_path))
    np.savez(tmp_path / "data.npz", train=UNIT)
    np.save(tmp_path / "train.npy", UNIT)
    assert "must hold data.npz or .npy files, not both" in message(str(tmp_path))


BAD = WIDE.copy()
BAD[7, 1] = np.inf


@pytest.mark.parametrize(
    "arrays, text",
    [
        (
            {"train": BAD},
            "train.npy` must hold finite numbers. Received: inf at [7, 1]",
        ),
        ({"train": UNIT.astype(np.float64) * 1e300}, "must hold finite numbers"),
        ({"train": UNIT.astype(np.int32)}, "must hold uint8 (levels) or floats"),
        ({"train": UNIT[:, 0]}, "must hold [n, ...]: a row for each example"),
        ({"train": UNIT[:1]}, "must hold two rows or more. Received: shape (1, 2)"),
        ({"train": UNIT, "test": UNIT[:1]}, "test.npy` must hold two rows or more"),
        (
            {"train": UNIT, "test": UNIT[:, :1]},
            "test.npy` must hold floats of shape (2,), as train. Received: floats of",
        ),
        (
            {"train": UNIT, "test": UNIT.astype(np.uint8)},
            "must hold floats of shape (2,), as train. Received: levels of shape (2,)",
        ),
        (
            {"train": UNIT, "train_labels": np.zeros(29, int)},
            "train_labels.npy` must hold a label for each of the 30 rows of train. "
            "Received: 29 labels",
        ),
        (
            {"train": UNIT, "train_labels": np.full(30, -1)},
            "must hold labels from 0 to 99999. Received: -1 at position 0",
        ),
        (
            {"train": UNIT, "train_labels": np.zeros(30)},
            "must hold whole numbers [n], classes from 0, or floats [n, K]",
        ),
        (
            {"train": UNIT, "train_labels": 2 * UNIT},
            "train_labels.npy` must lie within [0.0, 1.0]",
        ),
        (
            {"train": UNIT, "test": UNIT[:5], "train_labels": np.zeros(30, int)},
            "train_labels.npy` must come with test_labels",
        ),
        (
            {
                "train": UNIT,
                "test": UNIT[:5],
                "train_labels": np.zeros(30, int),
                "test_labels": np.full(5, 2),
            },
            "test_labels.npy` must hold labels from 0 to 0. Received: 2 at position 0",
        ),
    ],
)
def test_refuses(tmp_path, arrays, text):
    assert text in message(save(tmp_path, **arrays))


@pytest.mark.parametrize(
    "rows, said, text",
    [
        (WIDE, {"low": 0, "high": 1}, "train.npy` must lie within [0, 1]. Received"),
        (LEVELS, {"open": True}, "must declare a box: uint8 are its levels"),
        (LEVELS, {"low": 0, "high": 1, "num_levels": 16}, "must lie within [0, 15]"),
        (UNIT, {"low": 0, "high": 1, "num_levels": 16}, "must leave out num_levels"),
        (
            LEVELS,
            {"low": 0, "high": 1, "num_levels": None},
            "must leave out num_levels",
        ),
        (UNIT, {"low": 0}, 'must be {"low": 0, "high": 1} or {"open": true}'),
        (UNIT, [0, 1], "must hold one JSON object"),
        (UNIT, {"open": True, "std": 0}, "must declare a state space. Received: `std`"),
    ],
)
def test_refuses_a_space(tmp_path, rows, said, text):
    assert text in message(save(tmp_path, said, train=rows))


@pytest.mark.parametrize("rows", [UNIT, WIDE, LEVELS])
@pytest.mark.parametrize(
    "said, text",
    [
        ({"low": "a", "high": 1}, "`low` must be a number. Received: low='a'"),
        ({"low": 0, "high": [1]}, "`high` must be a number. Received: high=[1]"),
        ({"low": 1, "high": 0}, "`high` must be above 1. Received: high=0"),
        ({"low": 0, "high": True}, "`high` must be a number. Received: high=True"),
    ],
)
def test_a_space_that_is_none_is_not_blamed_on_the_arrays(tmp_path, rows, said, text):
    line = f"`{tmp_path / 'space.json'}` must declare a state space. Received: {text}"
    assert message(save(tmp_path, said, train=rows)) == line


@pytest.mark.parametrize("bound", [np.nan, np.inf])
def test_a_bound_that_json_does_not_know(tmp_path, bound):
    said = {"low": 0, "high": bound}
    assert "space.json is not JSON" in message(save(tmp_path, said, train=WIDE))


@pytest.mark.parametrize("num_levels", ["a", 0, 1, 257, 2.5, True])
def test_a_number_of_levels_that_is_none(tmp_path, num_levels):
    said = {"low": 0, "high": 1, "num_levels": num_levels}
    line = message(save(tmp_path, said, train=LEVELS))
    start = f"`{tmp_path / 'space.json'}` must declare a state space. Received: "
    assert line.startswith(f"{start}`num_levels` must be ")


@pytest.mark.parametrize("name", ["mean", "std"])
def test_an_open_space_of_another_width_than_the_rows(tmp_path, name):
    said = {"open": True, name: [1, 1, 1]}
    assert message(save(tmp_path, said, train=WIDE)) == (
        f"`{tmp_path / 'space.json'}` must declare a state space. Received: `{name}` "
        "must be one number, or 2, as many as the last axis of states has. "
        "Received: 3 numbers"
    )
    found = array_folder.read(save(tmp_path, {"open": True, name: [1, 1]}, train=WIDE))
    assert found.space[name] == [1, 1]


def test_files_that_are_not_there_or_no_json(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        array_folder.read(str(tmp_path))
    assert str(caught.value) == f"The file does not exist: {tmp_path / 'train.npy'}"
    folder = save(tmp_path, train=UNIT)
    (tmp_path / "space.json").write_text("low")
    assert "space.json is not JSON" in message(folder)
