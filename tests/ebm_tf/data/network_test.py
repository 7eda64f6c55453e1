"""What can be reached, and what is said where nothing can."""

import socket
import threading

import pytest

from ebm_tf.data import network


def _closed_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def no_proxy(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.usefixtures("no_proxy")
def test_what_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert network.is_reachable(f"http://127.0.0.1:{port}/file", 3)
    assert not network.is_reachable(f"http://127.0.0.1:{_closed_port()}/file", 3)


@pytest.mark.usefixtures("no_proxy")
@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid"])
def test_what_cannot_be_reached(host):
    # An address reserved for documentation, and a name that never resolves.
    assert not network.is_reachable(f"https://{host}/file", 0.5)


@pytest.mark.usefixtures("no_proxy")
def test_silence_is_not_waited_for(monkeypatch):
    # As a server of names that does not answer: waiting for it would never end.
    over = threading.Event()
    monkeypatch.setattr(network.socket, "getaddrinfo", lambda *args: over.wait())
    try:
        assert not network.is_reachable("https://nowhere.invalid/file", 0.01)
    finally:
        over.set()


def test_the_proxy_is_what_must_answer(monkeypatch, no_proxy):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for proxy in (f"http://127.0.0.1:{port}", f"127.0.0.1:{port}"):
            monkeypatch.setenv("https_proxy", proxy)
            assert network.is_reachable("https://nowhere.invalid/file", 3)
    assert not network.is_reachable("https://nowhere.invalid/file", 3)


def test_the_folder_of_tfds(monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", "/somewhere")
    assert network.tfds_folder() == "/somewhere"
    monkeypatch.delenv("TFDS_DATA_DIR")
    monkeypatch.setenv("HOME", "/home/someone")
    assert network.tfds_folder() == "/home/someone/tensorflow_datasets"


@pytest.mark.usefixtures("no_proxy")
def test_what_is_said_where_nothing_can_be_reached():
    url = f"http://127.0.0.1:{_closed_port()}/file"
    with pytest.raises(ValueError) as caught:
        network.require_reachable(url, "imagenet_resized/32x32", "")
    assert str(caught.value) == (
        "TFDS cannot download imagenet_resized: no connection to 127.0.0.1. Get "
        "imagenet_resized prepared by TFDS elsewhere and name their folder with "
        "--data_dir, or take --dataset=digits, which needs no download"
    )
