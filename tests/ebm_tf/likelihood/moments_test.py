"""Moments that come chunk by chunk are those of the whole."""

import numpy as np
import pytest

from ebm_tf.box import PIXELS, Box
from ebm_tf.likelihood import moments

ROWS = np.random.default_rng(0).normal(-50.0, [0.1, 1.0, 10.0], (701, 3))


def _of(rows, **options):
    found = moments.Moments(**options)
    for part in np.array_split(rows, [5, 100, 640]):
        found.add(part)
    return found


def test_chunks_give_the_moments_of_the_whole():
    found = _of(ROWS)
    assert found.num == 701
    np.testing.assert_allclose(found.mean, ROWS.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(found.covariance, np.cov(ROWS, rowvar=False), rtol=1e-9)
    variances = _of(ROWS, diagonal=True).covariance
    np.testing.assert_allclose(variances, ROWS.var(axis=0, ddof=1), rtol=1e-9)


def test_a_tiny_width_far_from_zero_is_kept():
    rows = 1e4 + 1e-5 * ROWS
    np.testing.assert_allclose(
        _of(rows, diagonal=True).covariance, rows.var(axis=0, ddof=1), rtol=1e-3
    )


def test_logits_are_those_of_the_box():
    wide = Box(low=-1.0, high=3.0, num_levels=None)
    x = np.random.default_rng(1).uniform(-0.9, 2.9, (2500, 2, 3)).astype(np.float32)
    part = ((x + 1.0) / 4.0).reshape(2500, 6).astype(np.float64)
    found = moments.logit_moments(x, wide)
    np.testing.assert_allclose(
        found.covariance, np.cov(np.log(part / (1 - part)), rowvar=False), rtol=1e-5
    )


def test_bad_data_are_refused():
    with pytest.raises(ValueError, match=r"`x` must be strictly inside the box"):
        moments.logit_moments(np.array([[0.0], [0.5]]), PIXELS)
    one = moments.Moments()
    one.add(np.zeros((1, 2)))
    with pytest.raises(ValueError, match=r"`x` must be at least two rows of data"):
        _ = one.covariance
