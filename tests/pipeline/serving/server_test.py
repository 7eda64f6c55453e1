"""What the server answers is what signatures give, or one line that says why not."""

import concurrent.futures
import copy
import socket

import numpy as np
import pytest

from examples import serving_client
from tests.pipeline.serving import conftest

DRAW = "/v2/models/draw/infer"
SEEDS, LABELS = [[7, 9], [1, 2]], [2, 0]


def request(**inputs):
    """Returns the content of a request."""
    tensors = [serving_client.tensor(name, value) for name, value in inputs.items()]
    return {"inputs": tensors}


def drawn(reply):
    (output,) = reply["outputs"]
    assert output["name"] == "images" and output["datatype"] == "FP32"
    return np.float32(output["data"]).reshape(output["shape"])


GOOD = request(seeds=SEEDS, labels=LABELS, num_steps=3)


def test_what_there_is(served):
    assert served.ask("GET", "/v2/health/live")[:2] == (200, {"live": True})
    assert served.ask("GET", "/v2/health/ready")[:2] == (200, {"ready": True})
    _, listed, _ = served.ask("GET", "/v2/models")
    names = {"energy", "sample", "draw", "refine", "classify"}
    assert set(listed["models"]) == names
    _, found, _ = served.ask("GET", "/v2/models/draw")
    by_name = {one["name"]: (one["datatype"], one["shape"]) for one in found["inputs"]}
    assert by_name == {
        "seeds": ("INT32", [-1, 2]),
        "labels": ("INT32", [-1]),
        "num_steps": ("INT32", []),
    }
    ready = served.ask("GET", "/v2/models/draw/ready")
    assert ready[:2] == (200, {"name": "draw", "ready": True})
    status, metrics, _ = served.ask("GET", "/metrics")
    assert status == 200 and b"ebm_waiting_requests" in metrics


@pytest.mark.parametrize(
    "name, inputs",
    [
        ("energy", {"images": np.full((2, 8, 8, 1), 0.5), "labels": LABELS}),
        ("classify", {"images": np.full((2, 8, 8, 1), 0.25)}),
        ("sample", {"num": 2, "labels": LABELS, "seed": [3, 4], "num_steps": 2}),
        (
            "refine",
            {
                "images": np.full((2, 8, 8, 1), 0.5),
                "labels": LABELS,
                "seed": [3, 4],
                "num_steps": 2,
            },
        ),
    ],
)
def test_every_signature_answers_as_the_saved_model(served, loaded, name, inputs):
    url = f"http://127.0.0.1:{served.port}"
    found = serving_client.infer(url, name, **inputs)
    kinds = {"i": np.int32, "f": np.float32}
    arrays = {n: np.asarray(v) for n, v in inputs.items()}
    expected = loaded[name](
        {n: v.astype(kinds[v.dtype.kind]) for n, v in arrays.items()}
    )
    assert set(found) == set(expected)
    for key, value in expected.items():
        np.testing.assert_array_equal(found[key].astype(value.dtype), value)


def test_an_image_is_the_same_whoever_asks_beside(served):
    _, alone, _ = served.ask("POST", DRAW, GOOD)
    images = drawn(alone)
    assert images.shape == (2, 8, 8, 1) and np.abs(images[0] - images[1]).max() > 0.05
    many = [
        request(
            seeds=[[n, k] for k in range(n % 4)] + [SEEDS[0]],
            labels=[n % 3] * (n % 4) + [LABELS[0]],
            num_steps=3 + n % 2,
        )
        for n in range(24)
    ]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda one: served.ask("POST", DRAW, one), many))
    assert [status for status, *_ in replies] == [200] * len(many)
    for number, (_, reply, _) in enumerate(replies):
        if number % 2 == 0:
            np.testing.assert_array_equal(drawn(reply)[-1], images[0])
    # More images than a batch holds are drawn in several.
    seeds = [SEEDS[0]] * (2 * conftest.BATCH + 1)
    body = request(seeds=seeds, labels=[LABELS[0]] * len(seeds), num_steps=3)
    _, reply, _ = served.ask("POST", DRAW, body)
    np.testing.assert_array_equal(drawn(reply), images[:1].repeat(len(seeds), axis=0))


def test_a_bad_request_does_not_spoil_the_batch_it_is_in(loaded):
    bad = request(seeds=SEEDS, labels=[0, 3], num_steps=3)
    holding = conftest.serving(loaded, starts=False)
    with holding as held, concurrent.futures.ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(held.ask, "POST", DRAW, b) for b in (GOOD, bad, GOOD)]
        # All three wait before the model takes its first batch.
        conftest.until(lambda: len(held.thread._jobs) == 3)
        held.thread.start()
        one, other, two = (each.result() for each in asked)
    assert (one[0], other[0], two[0]) == (200, 400, 200)
    assert other[1] == {"error": "`labels` must be 0 to 2. Received: labels=[0 3]"}
    np.testing.assert_array_equal(drawn(one[1]), drawn(two[1]))


def changed(**changes):
    """Returns a good request with another tensor; None takes it away."""
    body = copy.deepcopy(GOOD)
    for tensor in list(body["inputs"]):
        change = changes.get(tensor["name"], {})
        if change is None:
            body["inputs"].remove(tensor)
        else:
            tensor.update(change)
    return body


@pytest.mark.parametrize(
    "body, status, says",
    [
        ("{", 400, "JSON decode error"),
        ("[]", 400, "`body"),
        ('{"inputs": 3}', 400, "`body.inputs`: Input should be a valid list"),
        ("[" * 9000, 400, "error"),
        (changed(labels=None), 400, "`inputs` must be"),
        (changed(seeds={"data": ["a", 1, 2, 3]}), 400, "`seeds.data` must be whole"),
        (changed(seeds={"data": [1.5, 1, 2, 3]}), 400, "`seeds.data` must be whole"),
        (changed(seeds={"data": [True, True, True, True]}), 400, "must be whole"),
        (changed(seeds={"data": [[1], [2, 3]]}), 400, "`seeds.data` must be whole"),
        (changed(seeds={"data": [1, 2, 3]}), 400, "as many numbers as its shape"),
        (changed(seeds={"data": [1, 2, 3, 2**31]}), 400, "must be int32"),
        (changed(seeds={"data": [1, 2, 3, 10**30]}), 400, "must be"),
        (changed(seeds={"shape": [4]}), 400, "`seeds.shape` must be [B, 2]"),
        (changed(seeds={"shape": [-2, 2]}), 400, "as many numbers"),
        (changed(seeds={"datatype": "FP32"}), 400, "`seeds.datatype` must be INT32"),
        (changed(seeds={"shape": [0, 2], "data": []}), 400, "one B"),
        (changed(labels={"data": [0, 7]}), 400, "`labels` must be 0 to 2"),
        (changed(labels={"shape": [1], "data": [0]}), 400, "of one B in all inputs"),
        (changed(num_steps={"data": [0]}), 400, "`num_steps` must be 1 to"),
        (
            changed(num_steps={"data": [31]}),
            400,
            "`images times steps` must be at most",
        ),
        (GOOD | {"outputs": [{"name": "x"}]}, 400, "`outputs` must be of images"),
        ("x" * (conftest.MAX_BYTES + 1), 413, "at most 20000 bytes"),
    ],
)
def test_what_is_wrong_is_one_line_of_json(served, body, status, says):
    found, content, _ = served.ask("POST", DRAW, body)
    assert (found, list(content)) == (status, ["error"])
    assert says in content["error"] and "\n" not in content["error"]
    assert len(content["error"]) < 1000


@pytest.mark.parametrize(
    "method, path, headers, status",
    [
        ("GET", "/nothing", {}, 404),
        ("GET", "/v2/models/none", {}, 404),
        ("POST", "/v2/models/none/infer", {}, 404),
        ("POST", "/v2/repository/models/draw/unload", {}, 404),
        ("DELETE", DRAW, {}, 405),
        ("POST", DRAW, {"Content-Type": "application/octet-stream"}, 415),
    ],
)
def test_addresses_and_methods(served, method, path, headers, status):
    body = None if method == "GET" else GOOD
    found, content, _ = served.ask(method, path, body, headers)
    assert (found, list(content)) == (status, ["error"])


def test_headers_of_extensions_change_nothing(served):
    headers = {"Inference-Header-Content-Length": "5", "ce-id": "1", "ce-type": "x"}
    assert served.ask("POST", DRAW, GOOD, headers)[0] == 200


def say(port, text):
    """Sends text to the server; returns all that comes back until it hangs up."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(text.encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def head(length):
    lines = f"POST {DRAW} HTTP/1.1", "Host: here", f"Content-Length: {length}"
    return "\r\n".join([*lines, "", ""])


def test_a_gigabyte_is_refused_before_it_is_sent(served):
    assert say(served.port, head(10**9)).startswith("HTTP/1.1 413")
    chunked = head(0).replace("Content-Length: 0", "Transfer-Encoding: chunked")
    sent = f"{conftest.MAX_BYTES:x}\r\n{' ' * conftest.MAX_BYTES}\r\n1\r\n \r\n"
    assert say(served.port, chunked + sent).startswith("HTTP/1.1 413")


def test_slow_clients_are_given_up(loaded):
    with conftest.serving(loaded, starts=False, read_seconds=0.1) as made:
        # A body shorter than its length says.
        reply = say(made.port, head(100) + "{}")
        assert reply.startswith("HTTP/1.1 408") and '{"error": "the body was' in reply
        assert say(made.port, "POST / HTTP/1.1\r\nHost: h") == ""
        assert say(made.port, "") == ""


def test_the_queue_and_the_time_are_bounded(loaded):
    holding = conftest.serving(loaded, starts=False, max_queue=2, deadline=0.5)
    with holding as held, concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(held.ask, "POST", DRAW, GOOD) for _ in range(2)]
        conftest.until(lambda: len(held.thread._jobs) == 2)
        status, content, headers = held.ask("POST", DRAW, GOOD)
        late = [each.result() for each in waiting]
    assert status == 429 and headers["Retry-After"] == "1"
    assert content == {"error": "2 requests wait already: ask again later"}
    assert [each[0] for each in late] == [504, 504]
    assert late[0][1] == {"error": "there was no answer within 0.5 seconds"}


def test_who_has_hung_up_is_not_worked_for(loaded):
    gone = conftest.answers("gone")
    with conftest.serving(loaded, starts=False) as held:
        body = str(GOOD).replace("'", '"')
        with socket.create_connection(("127.0.0.1", held.port)) as connection:
            connection.sendall((head(len(body)) + body).encode())
            conftest.until(lambda: held.thread._jobs)
        conftest.until(lambda: conftest.answers("gone") > gone)
        assert all(job.future.cancelled() for job in held.thread._jobs)
        held.thread.start()
        assert held.ask("POST", DRAW, GOOD)[0] == 200
        assert not held.thread._jobs
