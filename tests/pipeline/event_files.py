"""Files of TensorBoard, written and read by tests."""

import tensorflow as tf
from tensorboard.plugins.hparams import plugin_data_pb2


def curve(folder, tag, values):
    """Writes values by step, as training does."""
    writer = tf.summary.create_file_writer(str(folder))
    with writer.as_default():
        for step, value in values.items():
            tf.summary.scalar(tag, value, step=step)
    writer.close()


def plugin_data(folder):
    """Returns what TensorBoard's plugin reads in `folder`."""
    return [
        plugin_data_pb2.HParamsPluginData.FromString(value.metadata.plugin_data.content)
        for path in sorted(folder.glob("*.hparams"))
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
    ]
