"""ResNet-50 with Keras's ImageNet weights, whose file the user has."""

import dataclasses
import hashlib
from typing import ClassVar

from ebm_tf import checks, files, settings
from ebm_tf.metrics.features import FeatureConfig

FILE = "resnet50_weights_tf_dim_ordering_tf_kernels.h5"
# Keras names its files by it: `keras.applications.resnet`.
MD5 = "2cb95161c43110f7111970584f804107"
SIDE = 224


@dataclasses.dataclass(frozen=True, kw_only=True)
class ResNet50Features(FeatureConfig):
    """ResNet-50 of `keras.applications`, with its ImageNet weights.

    Images are enlarged to 224x224, grey ones repeated to three channels. The name means
    these weights: a file of others is refused.

    Attributes:
        path: Of the file `resnet50_weights_tf_dim_ordering_tf_kernels.h5` that Keras
            publishes.
    """

    kind: ClassVar[str] = "resnet50"
    width: ClassVar[int] = 2048
    batch_size: ClassVar[int] = 50
    path: str = settings.display()

    def require(self, shape, is_bounded):
        """Raises unless states are images in a box, and the file holds the weights."""
        from ebm_tf.metrics import colours

        colours.require_images(shape, is_bounded, self.kind)
        checks.require_file(self.path, f"the file with the weights of {self.kind}")
        with files.opened(self.path) as stream:
            found = hashlib.file_digest(stream, "md5").hexdigest()
        rule = f"Keras's {FILE}, of MD5 {MD5[:12]}... (it may be cut)"
        checks.require(found == MD5, self.path, rule, f"{found[:12]}...")

    def told(self, shape):
        """Returns that grey images are repeated."""
        return "grey images, repeated to three channels" if shape[-1] == 1 else ""

    def network(self, space, classifier=None):
        """Returns the network with its weights."""
        import keras

        self.require((SIDE, SIDE, 3), space.is_bounded)
        model = keras.applications.ResNet50(weights=self.path)
        return network_of(model, space)


def network_of(model, space):
    """Returns a ResNet-50 as a network of features: its pooled layer, and classes.

    Args:
        model: Of `keras.applications`, with its head.
        space: The state space of the images, a box.
    """
    import keras
    import tensorflow as tf

    from ebm_tf.metrics import colours
    from ebm_tf.metrics.feature_sets import Features

    pooled = model.get_layer("avg_pool").output
    both = keras.Model(model.input, [pooled, model.output])

    @tf.function(autograph=False)
    def run(images):
        images = tf.image.resize(images, [SIDE, SIDE], "bicubic")
        images = tf.clip_by_value(images, 0.0, 255.0)
        return both(keras.applications.resnet50.preprocess_input(images))

    def network(stored) -> Features:
        found = run(tf.constant(colours.of_stored(stored, space)))
        return Features(*(part.numpy() for part in found))

    return network
