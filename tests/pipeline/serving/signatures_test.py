"""A request becomes the arrays of a signature, or one line that says why not."""

import copy

import numpy as np
import pytest

from examples import serving_client
from tests.pipeline.serving import conftest
from tests.pipeline.serving.conftest import DRAW, GOOD, LABELS


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
