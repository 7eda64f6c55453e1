"""R-hat and the effective sample size as numbers, where they are numbers."""

import numpy as np

from ebm_tf.metrics.settling import SETTLING, settling


def test_too_few_times_or_chains_have_no_r_hat():
    draws = np.random.RandomState(0).normal(size=(8, 4, 3)).astype(np.float32)
    found = settling(draws, draws[..., 0])
    assert tuple(found) == SETTLING
    assert all(value is not None for value in found.values())
    for few in (draws[:3], draws[:, :1]):
        assert set(settling(few, few[..., 0]).values()) == {None}
