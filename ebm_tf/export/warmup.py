"""Requests that TensorFlow Serving runs when it loads a model, before it is asked.

The first call of a graph is many times slower than the next. Serving reads such
requests from a TFRecord of `tensorflow.serving.PredictionLog` messages [1]. The
few fields of it that are written here are declared here: the package that has them,
tensorflow-serving-api, would bring gRPC along for four messages. On the wire a
message within another is its bytes, so tensors are declared as bytes.

[1] https://www.tensorflow.org/tfx/serving/saved_model_warmup
"""

import os
from collections.abc import Mapping

import tensorflow as tf
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FOLDER = "assets.extra"
FILE = "tf_serving_warmup_requests"

_PACKAGE = "ebm_tf.serving"
_FIELD = descriptor_pb2.FieldDescriptorProto
# Message -> field -> number and type; numbers as in Serving's own .proto files.
_MESSAGES = {
    "ModelSpec": {"name": (1, "string"), "signature_name": (3, "string")},
    # An entry of a map<string, TensorProto>.
    "Input": {"key": (1, "string"), "value": (2, "bytes")},
    "PredictRequest": {"model_spec": (1, "ModelSpec"), "inputs": (2, "Input")},
    "PredictLog": {"request": (1, "PredictRequest")},
    "PredictionLog": {"predict_log": (6, "PredictLog")},
}
_REPEATED = ("inputs",)


def write_warmup(
    folder: str, model_name: str, requests: Mapping[str, Mapping[str, tf.Tensor]]
) -> None:
    """Writes the requests into `folder/assets.extra`.

    Args:
        folder: A SavedModel.
        model_name: Name under which it is served.
        requests: The inputs of one request for each signature, by name.
    """
    os.makedirs(os.path.join(folder, FOLDER), exist_ok=True)
    path = os.path.join(folder, FOLDER, FILE)
    with tf.io.TFRecordWriter(path) as writer:
        for signature, inputs in requests.items():
            log = _message("PredictionLog")()
            request = log.predict_log.request
            request.model_spec.name = model_name
            request.model_spec.signature_name = signature
            for name, value in inputs.items():
                tensor = tf.make_tensor_proto(value)
                request.inputs.add(key=name, value=tensor.SerializeToString())
            writer.write(log.SerializeToString())


def _message(name: str):
    return message_factory.GetMessageClass(
        _POOL.FindMessageTypeByName(f"{_PACKAGE}.{name}")
    )


def _make_pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(
        name="ebm_tf/serving.proto", package=_PACKAGE, syntax="proto3"
    )
    for message_name, fields in _MESSAGES.items():
        message = file.message_type.add(name=message_name)
        for name, (number, kind) in fields.items():
            field = message.field.add(name=name, number=number)
            repeated = name in _REPEATED
            field.label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
            if kind in _MESSAGES:
                field.type = _FIELD.TYPE_MESSAGE
                field.type_name = f".{_PACKAGE}.{kind}"
            else:
                strings = kind == "string"
                field.type = _FIELD.TYPE_STRING if strings else _FIELD.TYPE_BYTES
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


_POOL = _make_pool()
