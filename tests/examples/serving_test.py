"""The client against the stand-in for TensorFlow Serving, over HTTP."""

import http.client
import json
import sys
import threading

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from examples import serving_client, serving_stand_in
from tests.ebm_tf.export import small


@pytest.fixture(scope="module", params=[small.CONVNET, small.RESNET])
def served(request, tmp_path_factory):
    """Yields the model's address and what is served there."""
    folder = tmp_path_factory.mktemp("export")
    *_, loaded = small.export(request.param, folder)
    server = serving_stand_in.make_server(str(folder), "tiny", port=0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/models/tiny", loaded
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def labels_of(loaded):
    return {"labels": [2, 0]} if "classify" in loaded.signatures else {}


def test_the_client_gets_what_the_model_gives(served):
    url, loaded = served
    request = {"num": 2, "seed": [3, 4], "num_steps": 2} | labels_of(loaded)
    images = serving_client.call(url, "sample", **request)
    inputs = {name: tf.constant(value) for name, value in request.items()}
    expected = loaded.signatures["sample"](**inputs)["images"]
    np.testing.assert_array_equal(np.float32(images), expected)
    energies = serving_client.call(url, "energy", images=images, **labels_of(loaded))
    assert len(energies) == 2
    if labels_of(loaded):
        both = serving_client.call(url, "classify", images=images)
        assert set(both) == {"label", "energies"}


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"num_steps": 99}, "`num_steps` must be 1 to 5. Received: num_steps=99"),
        ({"num": 0}, "`num` must be 1 to 6. Received: num=0"),
        ({"seed": [1]}, "`seed` must be of shape [2]. Received: shape=[1]"),
        ({"num": 1.5}, "`num`: "),
        ({"extra": 1}, "`inputs` must hold"),
        # Beyond int32, of which TensorFlow Serving would keep the lower 32 bits.
        ({"num": 2**32 + 5}, "`num` must fit an int32. Received: num=4294967301"),
        ({"num_steps": -(2**31) - 1}, "`num_steps` must fit an int32."),
        ({"seed": [0, 2**31]}, "`seed` must fit an int32. Received: seed=2147483648"),
    ],
)
def test_a_refusal_reaches_the_client(served, changes, message):
    url, loaded = served
    request = {"num": 2, "seed": [3, 4], "num_steps": 2} | labels_of(loaded) | changes
    with pytest.raises(RuntimeError) as error:
        serving_client.call(url, "sample", **request)
    assert message in str(error.value)


def ask(url, method, path, body=None):
    connection = http.client.HTTPConnection(url.split("/")[2])
    connection.request(method, path, body)
    reply = connection.getresponse()
    content = json.loads(reply.read())
    connection.close()
    return reply.status, content


@pytest.mark.parametrize(
    "method, path, body, status",
    [
        ("GET", "/v1/models/tiny", None, 200),
        ("GET", "/v1/models/other", None, 404),
        ("POST", "/v1/models/other:predict", "{}", 404),
        ("POST", "/v1/models/tiny:predict", "{", 400),
        ("POST", "/v1/models/tiny:predict", "[]", 400),
        ("POST", "/v1/models/tiny:predict", '{"signature_name": "none"}', 400),
    ],
)
def test_addresses_and_bodies(served, method, path, body, status):
    found, content = ask(served[0], method, path, body)
    assert found == status and ("error" in content) == (status != 200)


def test_the_command_draws_its_picture(served, tmp_path, monkeypatch, capsys):
    url, loaded = served
    words = [f"--url={url}", "--num=2", "--num_steps=3"]
    words += ["--label=1"] if labels_of(loaded) else []
    monkeypatch.setattr(sys, "argv", ["serving_client", *words])
    monkeypatch.setenv("EBM_TF_OUT", str(tmp_path))
    serving_client.main()
    out = capsys.readouterr().out
    assert "after 3 steps: mean energy" in out and "after 6 steps" in out
    with Image.open(tmp_path / "serving_client.png") as picture:
        assert picture.size == (2 * 8 * 4, 2 * 8 * 4)


def test_the_command_says_why_it_failed(served, monkeypatch):
    words = [f"--url={served[0]}", "--num=99"]
    monkeypatch.setattr(sys, "argv", ["serving_client", *words])
    with pytest.raises(SystemExit) as error:
        serving_client.main()
    assert str(error.value.code).startswith("serving_client: sample: ")


@pytest.mark.parametrize("name", ["num", "num_steps", "seed", "label"])
@pytest.mark.parametrize("value", [2**31, 2**32 + 5, 10**30, -1])
def test_no_flag_of_the_client_is_beyond_int32(name, value, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["serving_client", f"--{name}={value}"])
    with pytest.raises(SystemExit) as caught:
        serving_client.main()
    assert caught.value.code == 2
    assert f"--{name}: must be 0 to 2147483647: {value}" in capsys.readouterr().err
