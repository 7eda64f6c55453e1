"""What the client sends, and what it never sends; the server's tests run it whole."""

import sys

import numpy as np
import pytest

from examples import serving_client


def test_a_tensor_says_its_type_and_shape():
    found = serving_client.tensor("seeds", [[1, 2], [3, 4]])
    content = {"shape": [2, 2], "datatype": "INT32", "data": [1, 2, 3, 4]}
    assert found == {"name": "seeds"} | content
    found = serving_client.tensor("images", np.zeros((1, 2), np.float32))
    assert found["datatype"] == "FP32" and found["data"] == [0.0, 0.0]
    assert serving_client.tensor("num", 3)["shape"] == []


@pytest.mark.parametrize(
    "value", [2**31, [0, 2**32 + 5], [0, 2**63], 10**30, -(2**31) - 1]
)
def test_no_number_is_sent_that_is_beyond_int32(value):
    with pytest.raises(RuntimeError, match="`num` must fit an int32. Received: num="):
        serving_client.tensor("num", value)


@pytest.mark.parametrize("name", ["num", "num_steps", "seed", "label"])
@pytest.mark.parametrize("value", [2**31, 10**30, -1])
def test_no_flag_is_beyond_int32(name, value, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["serving_client", f"--{name}={value}"])
    with pytest.raises(SystemExit) as caught:
        serving_client.main()
    assert caught.value.code == 2
    assert f"--{name}: must be 0 to 2147483647: {value}" in capsys.readouterr().err
