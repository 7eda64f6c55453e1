"""The routes: what there is, and what there is not."""

import pytest

from tests.pipeline.serving.conftest import DRAW, GOOD


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
