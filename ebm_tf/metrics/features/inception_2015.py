"""The Inception network of 2015, whose weights the user has."""

import dataclasses
import re
from typing import ClassVar

from ebm_tf import checks, settings
from ebm_tf.metrics.features import FeatureConfig
from ebm_tf.metrics.features.efficientnet_lite0 import require_digest


@dataclasses.dataclass(frozen=True, kw_only=True)
class Inception2015Features(FeatureConfig):
    """The Inception network of published Frechet distances, from its frozen graph.

    Features are its tensor `pool_3`; the graph enlarges images to 299x299 itself, and
    grey ones are repeated to three channels.

    Attributes:
        path: Of `classify_image_graph_def.pb`.
        sha256: Of that file, 64 hexadecimal digits: which graph the numbers are of.
    """

    kind: ClassVar[str] = "inception_2015"
    width: ClassVar[int] = 2048
    batch_size: ClassVar[int] = 50
    path: str = settings.display()
    sha256: str

    def __post_init__(self):
        is_one = re.fullmatch("[0-9a-f]{64}", self.sha256) is not None
        checks.require(is_one, "sha256", "64 hexadecimal digits", self.sha256)

    def require(self, shape, is_bounded):
        """Raises unless states are images in a box, and the file is the one named."""
        from ebm_tf.metrics import colours

        colours.require_images(shape, is_bounded, self.kind)
        require_digest(self.path, self.sha256, self.kind)

    def told(self, shape):
        """Returns that grey images are repeated."""
        return "grey images, repeated to three channels" if shape[-1] == 1 else ""

    def network(self, space, classifier=None):
        """Returns the network in the file."""
        from ebm_tf.metrics import colours, frozen_graph

        require_digest(self.path, self.sha256, self.kind)
        both = frozen_graph.load(self.path)

        from ebm_tf.metrics.feature_sets import Features

        def network(stored) -> Features:
            return Features(*both(colours.of_stored(stored, space)))

        return network
