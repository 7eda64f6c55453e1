"""Log-likelihoods of the same images side by side: means, bits, paired differences.

Images differ in likelihood far more than densities do in the mean: of two rows over the
same images the difference counts, image by image, and its own error.
"""

from collections.abc import Sequence

import numpy as np

from ebm_tf import checks
from ebm_tf.box import Box
from ebm_tf.likelihood import replicates, reported
from ebm_tf.likelihood.baselines import Baseline, log_probs
from ebm_tf.likelihood.reported import Reported


def table(found: Sequence[Baseline], x: np.ndarray, box: Box | None) -> list[dict]:
    """Returns a row of each density, in the order given.

    Args:
        found: The one that validation images find likeliest comes first.
        x: Images, `[N, ...]`, N at least 2.
        box: Their box, in levels: bits per dimension are told too. None of images
            with noise on them, which have none.

    Returns:
        "name", "title", "smoothing", "validation"; "mean", an interval for the mean
        over all images of their kind; and "from_first", the same of the difference
        from the first row, image by image, None of that row. Both are as
        `reported.to_dict` tells them, nats.

    Raises:
        ValueError: If there are fewer than two images.
    """
    each = [log_probs(one.density, x) for one in found]
    bits = (x[0].size, box.stored_width) if box is not None else ()
    return [
        {
            "name": one.name,
            "title": one.title,
            "smoothing": one.smoothing,
            "validation": one.validation,
            "mean": reported.to_dict(replicates.mean_over_images(values[None]), *bits),
            "from_first": reported.to_dict(difference(values, each[0]))
            if number
            else None,
        }
        for number, (one, values) in enumerate(zip(found, each, strict=True))
    ]


def difference(values, others) -> Reported:
    """Returns an interval for the mean of `values - others`, image by image, nats.

    Args:
        values: Log densities of images, `[N]`; or of several runs, `[R, N]`.
        others: Log densities of the same images, `[N]`.

    Raises:
        ValueError: If they are not of the same images.
    """
    values, others = np.atleast_2d(values), np.asarray(others)
    rule = f"of {len(others)} images"
    checks.require(values.shape[1] == len(others), "values", rule, values.shape)
    return replicates.mean_over_images(values - others)


def less(found: Reported, others) -> Reported:
    """Returns AIS's log-likelihood less that of another density, for these images.

    The other's mean over these very images has no error; AIS's is that of log Z.

    Args:
        found: An interval or a bound, of these images.
        others: Log densities of the same images, `[N]`.
    """
    mean = float(np.mean(others))
    return found._replace(value=found.value - mean, point=found.point - mean)
