"""The warm-up file, read by fields' numbers, and its requests answered."""

import dataclasses

import pytest
import tensorflow as tf
from tensorflow.core.framework import tensor_pb2

from ebm_tf.export import warmup
from tests.ebm_tf.export import small


def varint(data, at):
    value, shift = 0, 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data):
    """Returns `[(number, bytes)]` of a message whose fields are all delimited."""
    found, at = [], 0
    while at < len(data):
        key, at = varint(data, at)
        assert key & 7 == 2
        size, at = varint(data, at)
        found.append((key >> 3, data[at : at + size]))
        at += size
    return found


def read(folder):
    """Returns `{signature: inputs}` and the name of the model in each request."""
    requests, names = {}, set()
    path = str(folder / "assets.extra" / "tf_serving_warmup_requests")
    for record in tf.data.TFRecordDataset(path):
        # PredictionLog.predict_log is field 6, PredictLog.request field 1.
        [(number, log)] = fields(record.numpy())
        assert number == 6
        [(number, request)] = fields(log)
        assert number == 1
        (spec,) = [value for number, value in fields(request) if number == 1]
        spec = dict(fields(spec))
        inputs = {}
        for number, entry in fields(request):
            if number == 2:
                entry = dict(fields(entry))
                tensor = tensor_pb2.TensorProto.FromString(entry[2])
                inputs[entry[1].decode()] = tf.constant(tf.make_ndarray(tensor))
        requests[spec[3].decode()] = inputs
        names.add(spec[1].decode())
    return requests, names


def test_requests_come_back_as_they_were_written(tmp_path):
    images = tf.reshape(tf.range(8.0), [2, 2, 2])
    wanted = {"a": {"num": tf.constant(3), "images": images}, "b": {"seed": [7, 0]}}
    warmup.write_warmup(str(tmp_path), "mnist", wanted)
    requests, names = read(tmp_path)
    assert names == {"mnist"} and list(requests) == ["a", "b"]
    assert requests["a"]["num"] == 3 and requests["a"]["num"].dtype == tf.int32
    tf.debugging.assert_equal(requests["a"]["images"], images)
    tf.debugging.assert_equal(requests["b"]["seed"], [7, 0])


@pytest.mark.parametrize("kind", ["plain", "classes", "numbers"])
def test_every_signature_answers_the_request_that_warms_it(
    kind, unconditional, conditional, tmp_path
):
    if kind == "numbers":
        config = dataclasses.replace(small.RESNET, num_classes=None, label_dims=2)
        made = (*small.export(config, tmp_path), tmp_path)
    else:
        made = unconditional if kind == "plain" else conditional
    _, listing, loaded, folder = made
    requests, _ = read(folder / "1")
    assert set(requests) == set(listing)
    for name, inputs in requests.items():
        assert set(inputs) == set(listing[name]["inputs"])
        loaded.signatures[name](**inputs)
