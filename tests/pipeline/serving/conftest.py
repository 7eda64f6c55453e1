"""A tiny exported model, and servers of it in threads of this process."""

import contextlib
import http.client
import json
import threading
import time
import types

import numpy as np
import pytest

from examples import serving_client
from pipeline.serving import limits, listening, models, server, signatures, worker
from pipeline.stages import export
from tests import tiny_model

BATCH, MAX_WORK, MAX_BYTES = 6, 60, 20_000
DRAW = "/v2/models/draw/infer"
SEEDS, LABELS = [[7, 9], [1, 2]], [2, 0]


def request(**inputs):
    """Returns the content of a request."""
    tensors = [serving_client.tensor(name, value) for name, value in inputs.items()]
    return {"inputs": tensors}


GOOD = request(seeds=SEEDS, labels=LABELS, num_steps=3)


def drawn(reply):
    """Returns the images of an answer."""
    (output,) = reply["outputs"]
    assert output["name"] == "images" and output["datatype"] == "FP32"
    return np.float32(output["data"]).reshape(output["shape"])


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    """A run folder with an `export` of a conditional model."""
    folder = tmp_path_factory.mktemp("run")
    config = tiny_model.run_config(True).export
    export.run(tiny_model.make(folder, True), str(folder / "export"), config, seed=0)
    return folder


@pytest.fixture(scope="session")
def loaded(run_folder):
    return signatures.load(str(run_folder / "export"))


@contextlib.contextmanager
def serving(loaded, *, starts=True, max_queue=50, deadline=60, read_seconds=20):
    """Yields a server: its `port`, its `thread` of the model, and `ask`."""
    thread = worker.Worker(loaded, BATCH, max_queue)
    bounds = models.Limits(max_work=MAX_WORK, deadline=deadline)
    served = [models.SignatureModel(one, thread, bounds) for one in loaded.values()]
    made = server.make(
        server.application(served), max_bytes=MAX_BYTES, max_open=100, seconds=10
    )
    made.config.app.read_seconds = read_seconds
    bound = listening.bound_socket("127.0.0.1", 0)
    bound.listen()  # so that nobody comes too early
    if starts:
        thread.start()
    loop = threading.Thread(target=made.run, kwargs={"sockets": [bound]})
    loop.start()
    port = bound.getsockname()[1]
    try:
        yield types.SimpleNamespace(port=port, thread=thread, ask=_asker(port))
    finally:
        made.should_exit = True
        loop.join()
        thread.close()


def _asker(port: int):
    def ask(method, path, body=None, headers=None):
        """Returns status, content and headers of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", port)
        headers = {"Content-Type": "application/json"} | (headers or {})
        text = body if isinstance(body, (str, bytes, type(None))) else json.dumps(body)
        connection.request(method, path, text, headers)
        reply = connection.getresponse()
        content = reply.read()
        connection.close()
        is_json = reply.headers["Content-Type"] == "application/json"
        return reply.status, json.loads(content) if is_json else content, reply.headers

    return ask


@pytest.fixture(scope="module")
def served(loaded):
    with serving(loaded) as made:
        yield made


def until(condition) -> None:
    """Waits for what another thread or process does."""
    while not condition():
        time.sleep(0.005)


def answers(status: str) -> float:
    """Returns how many answers of a status the servers of this process gave."""
    return limits.ANSWERS.labels(status=status)._value.get()
