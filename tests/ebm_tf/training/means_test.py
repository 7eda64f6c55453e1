"""Means of logs, which a checkpoint keeps between two points."""

import numpy as np

from ebm_tf.training.means import Means


def test_means_are_those_since_the_last_were_taken():
    means = Means({}, 0)
    for value in (1.0, 2.0, 6.0):
        means.add({"loss": value, "energies": np.zeros(3)})
    assert means.take() == {"loss": 3.0}
    means.add({"loss": 5.0})
    assert means.take() == {"loss": 5.0}


def test_what_was_summed_goes_on():
    first = Means({}, 0)
    first.add({"loss": 1.0})
    second = Means(first.sums, first.num)
    second.add({"loss": 4.0})
    assert (second.sums, second.num) == ({"loss": 5.0}, 2)
    assert second.take() == {"loss": 2.5} and first.num == 1
