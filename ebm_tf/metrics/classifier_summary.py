"""What a classifier says of samples: is each clearly one class, is none lost?"""

import dataclasses

import numpy as np

from ebm_tf import checks


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassifierSummary:
    """What the class probabilities of a set of images come to.

    Attributes:
        num: Number of images.
        threshold: The confidence that counts as sure, in (0, 1].
        confident_share: Share of images whose likeliest class has at least
            `threshold` probability.
        class_shares: Share of images given to each class (their likeliest); sums
            to 1.
        mean_confidence: Mean probability of the likeliest class.
        mean_entropy: Mean entropy of one image's class probabilities, nats: 0 if
            every image is sure.
        class_entropy: Entropy of `class_shares`, nats: log(number of classes) if
            all are equally frequent.
    """

    num: int
    threshold: float
    confident_share: float
    class_shares: tuple[float, ...]
    mean_confidence: float
    mean_entropy: float
    class_entropy: float


def summarize_probs(probs: np.ndarray, threshold: float) -> ClassifierSummary:
    """Summarizes class probabilities.

    Args:
        probs: `[N, num_classes]`, N >= 1, each row a distribution.
        threshold: The confidence that counts as sure, in (0, 1].

    Returns:
        A `ClassifierSummary`.

    Raises:
        ValueError: If rows are no distributions or there are none.
    """
    checks.require_number("threshold", threshold, above=0, high=1)
    probs = require_probs(probs)
    confidence = probs.max(axis=1)
    counts = np.bincount(probs.argmax(axis=1), minlength=probs.shape[1])
    shares = counts / len(probs)
    return ClassifierSummary(
        num=len(probs),
        threshold=threshold,
        confident_share=float(np.mean(confidence >= threshold)),
        class_shares=tuple(float(share) for share in shares),
        mean_confidence=float(confidence.mean()),
        mean_entropy=float(np.mean(_entropy(probs))),
        class_entropy=float(_entropy(shares)),
    )


def require_probs(probs: np.ndarray) -> np.ndarray:
    """Returns class probabilities `[N, num_classes]` in float64.

    Raises:
        ValueError: If rows are no distributions or there are none.
    """
    probs = np.asarray(probs, np.float64)
    rule = "[N, num_classes] with N >= 1"
    checks.require(probs.ndim == 2 and len(probs) >= 1, "probs", rule, probs.shape)
    distribution = np.all(probs >= 0) and np.allclose(probs.sum(axis=1), 1, atol=1e-4)
    checks.require(bool(distribution), "probs", "rows that sum to 1", probs.shape)
    return probs


def _entropy(probs: np.ndarray) -> np.ndarray:
    return -np.sum(probs * np.log(np.where(probs > 0, probs, 1.0)), axis=-1)
