"""The Inception score, of the class probabilities of any classifier.

    exp(E KL(p(class | image) || p(class)))

1 if every image has the same class probabilities, the number of classes if each image
is surely of one class and all are equally frequent. It looks at no real image. Of few
images it is too low.

Reference: Salimans et al., 2016, where the classifier is the Inception network.
"""

import numpy as np
import scipy.special

from ebm_tf import checks
from ebm_tf.metrics import feature_sets
from ebm_tf.metrics.classifier_summary import require_probs
from ebm_tf.metrics.feature_sets import Estimate


def inception_score(probs: np.ndarray, num_blocks: int) -> Estimate:
    """Returns the score of all images, with the error of a jackknife over blocks.

    Args:
        probs: Class probabilities `[N, num_classes]`, in no particular order.
        num_blocks: How many blocks of images are left out in turn, >= 2, at most N.

    Raises:
        ValueError: If rows are no distributions, or there are fewer than blocks.
    """
    checks.require_count("num_blocks", num_blocks, low=2)
    probs = require_probs(probs)
    checks.require_count("num_blocks", num_blocks, low=2, high=len(probs))
    score = _score(probs)
    others = np.array(
        [
            _score(np.delete(probs, block, axis=0))
            for block in feature_sets.blocks(len(probs), num_blocks)
        ]
    )
    spread = np.sum(np.square(others - others.mean()))
    error = np.sqrt((num_blocks - 1) / num_blocks * spread)
    return Estimate(score, float(error))


def _score(probs: np.ndarray) -> float:
    gains = scipy.special.rel_entr(probs, probs.mean(axis=0)).sum(axis=1)
    return float(np.exp(gains.mean()))
