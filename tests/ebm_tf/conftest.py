"""Two logical CPU devices for every test of the library, to try distribution on.

Devices can only be divided before TensorFlow first uses them, so this cannot wait
for the tests that need it.
"""

import tensorflow as tf

[_cpu] = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(
    _cpu, [tf.config.LogicalDeviceConfiguration()] * 2
)
