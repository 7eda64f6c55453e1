"""Files of Keras models tell nothing of when and where they were made."""

import json
import zipfile

import keras
import numpy as np

from ebm_tf.energy import keras_files


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
