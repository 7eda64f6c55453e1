"""Files of Keras: equal for equal models; damaged, hostile, too large."""

import json
import os
import zipfile

import keras
import numpy as np
import pytest

from ebm_tf import checks
from ebm_tf.energy import build, keras_files
from tests.ebm_tf.energy.small_networks import NETWORKS

CONFIG, SHAPE = NETWORKS["mlp"]


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """The files in the archive of a good model, by name."""
    path = str(tmp_path_factory.mktemp("good") / "model.keras")
    build.save_energy(build.build_energy(CONFIG, SHAPE, seed=0), path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path, parts, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _with(parts, change):
    """Returns the files with another configuration."""
    data = json.loads(parts["config.json"])
    change(data)
    return parts | {"config.json": json.dumps(data).encode()}


def _put(data, path, value):
    *names, last = path.split(".")
    for name in names:
        data = data[name]
    data[last] = value


def _config(path, value):
    return lambda parts: _with(parts, lambda data: _put(data, path, value))


def _text(name, content):
    return lambda parts: parts | {name: content}


def _without(name):
    return lambda parts: {n: content for n, content in parts.items() if n != name}


def _layer(**layer):
    return {"config": {}, "module": "keras.layers", "registered_name": None} | layer


# What is wrong -> the files of the archive.
BAD = {
    "no config": _without("config.json"),
    "no weights": _without("model.weights.h5"),
    "no JSON": _text("config.json", b"{"),
    "JSON of nothing": _text("config.json", b"null"),
    "JSON of a list": _text("config.json", b"[]"),
    "deep JSON": _text("config.json", b"[" * 100_000),
    "weights of nothing": _text("model.weights.h5", b""),
    "weights that are no HDF5": _text("model.weights.h5", b"x" * 1000),
    "wider than its weights": _config("config.config.widths", [9, 8]),
    "more layers than its weights": _config("config.config.widths", [8, 8, 8]),
    "a width of 0": _config("config.config.widths", [0]),
    "a width that is text": _config("config.config.widths", ["8"]),
    "a width beyond the memory": _config("config.config.widths", [10**6, 10**6]),
    "a width beyond int32": _config("config.config.widths", [2**31]),
    "no settings of that kind": _config("config.config.kind", "other"),
    "a setting too many": _config("config.config.more", 1),
    "settings that are a list": _config("config.config", [1]),
    "no shape": _config("config.state_shape", None),
    "an empty shape": _config("config.state_shape", []),
    "a shape of text": _config("config.state_shape", "22"),
    "a shape beyond the memory": _config("config.state_shape", [2**31 - 1, 2**20]),
    "another shape": _config("config.state_shape", [3]),
    "a space that is none": _config("config.space", {"kind": "ball"}),
    "no class": _config("registered_name", None),
    "a class that is not registered": _config("registered_name", "mine>Bowl"),
    "a class of Python": lambda parts: _with(
        parts,
        lambda data: data.update(
            class_name="Popen", module="subprocess", registered_name=None
        ),
    ),
    "a class that is no network": _config("registered_name", "Custom>Nothing"),
    "a Lambda layer": lambda parts: _with(
        parts, lambda data: data["config"].update(network=_layer(class_name="Lambda"))
    ),
    "code as text": lambda parts: _with(
        parts,
        lambda data: data["config"].update(
            network=_layer(class_name="__lambda__", config={"value": "aGk="})
        ),
    ),
    "a module that nobody named": lambda parts: _with(
        parts,
        lambda data: data["config"].update(
            network=_layer(
                class_name="system", module="os", registered_name="os>system"
            )
        ),
    ),
}


def refusal(path) -> str:
    with pytest.raises(checks.InputError) as caught:
        build.load_energy(str(path))
    text = str(caught.value)
    assert "\n" not in text and len(text) < 1500
    return text


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_energy_is_one_line(tmp_path, parts, name):
    path = tmp_path / "model.keras"
    pack(path, BAD[name](parts))
    refusal(path)


def test_what_holds_code_is_refused_by_what_it_is(tmp_path, parts):
    path = tmp_path / "model.keras"
    pack(path, BAD["a Lambda layer"](parts))
    assert f"{path} holds code, in a Lambda" in refusal(path)
    pack(path, BAD["a module that nobody named"](parts))
    assert "os>system, which no imported module registers" in refusal(path)


def test_what_is_no_archive_is_one_line(tmp_path, parts):
    whole, path = tmp_path / "whole.keras", tmp_path / "model.keras"
    pack(whole, parts)
    good = whole.read_bytes()
    for content in (b"", b"text", good[:100], good[:-30], good[1000:], good[:1] * 9):
        path.write_bytes(content)
        assert str(path) in refusal(path)
    os.remove(path)
    os.mkfifo(path)
    assert refusal(path) == f"`{path}` must be a regular file. Received: a named pipe"
    os.remove(path)
    path.mkdir()
    assert "Received: a folder" in refusal(path)


def test_a_bomb_is_refused_by_the_size_that_it_declares(tmp_path, parts):
    path = tmp_path / "model.keras"
    zeros = parts | {"model.weights.h5": b"\0" * (1 << 27)}
    pack(path, zeros, zipfile.ZIP_DEFLATED)
    assert os.path.getsize(path) < 1 << 18
    assert "says that it unpacks to 134," in refusal(path)


def test_a_good_file_that_was_packed_is_read(tmp_path, parts):
    path = tmp_path / "model.keras"
    pack(path, parts, zipfile.ZIP_DEFLATED)
    assert build.load_energy(str(path)).state_shape == SHAPE


def test_another_model_of_keras_is_no_energy(tmp_path):
    path = tmp_path / "model.keras"
    layers = [keras.Input((2,)), keras.layers.Dense(1)]
    keras.Sequential(layers).save(path)
    assert "holds no energy" in refusal(path)


def test_errors_of_the_system_are_told_as_they_are(tmp_path, parts, monkeypatch):
    path = tmp_path / "model.keras"
    pack(path, parts)

    def fail(*args, **kwargs):
        raise OSError(24, "Too many open files", "/x")

    monkeypatch.setattr(keras.models, "load_model", fail)
    with pytest.raises(OSError, match="Too many open files") as caught:
        build.load_energy(str(path))
    assert not isinstance(caught.value, checks.InputError)


def network():
    """Returns a network whose layers share a policy, and Keras writes its address."""
    policy = keras.DTypePolicy("float32")
    ones = keras.initializers.Constant(0.5)
    layers = [
        keras.layers.Dense(3, kernel_initializer=ones, dtype=policy, name=f"dense_{n}")
        for n in range(2)
    ]
    return keras.Sequential([keras.Input([4], name="x"), *layers], name="network")


def test_two_of_one_kind_are_the_same_file(tmp_path):
    models = [network(), network()]
    plain = []
    for index, model in enumerate(models):
        keras_files.save(model, str(tmp_path / f"{index}.keras"))
        model.save(tmp_path / "plain.keras")
        with zipfile.ZipFile(tmp_path / "plain.keras") as archive:
            plain.append(archive.read("config.json"))
    assert plain[0] != plain[1]  # what there is to see to
    one, two = ((tmp_path / f"{index}.keras").read_bytes() for index in range(2))
    assert one == two
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        *("0.keras", "1.keras", "plain.keras")
    ]


def test_no_time_is_in_it(tmp_path):
    path = tmp_path / "model.keras"
    keras_files.save(network(), str(path))
    with zipfile.ZipFile(path) as archive:
        assert {entry.date_time[:3] for entry in archive.infolist()} == {(1980, 1, 1)}
        assert json.loads(archive.read("metadata.json"))["date_saved"] == ""


def test_it_loads_as_it_was(tmp_path):
    model, path = network(), str(tmp_path / "model.keras")
    keras_files.save(model, path)
    x = np.arange(8.0).reshape(2, 4)
    loaded = keras.models.load_model(path, compile=False)
    np.testing.assert_array_equal(model(x), loaded(x))
    assert loaded.layers[0].dtype_policy.name == "float32"
