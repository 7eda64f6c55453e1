"""Ensembles: the mean energy, and steps at one member at a time."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.sampling import ensemble
from ebm_tf.types import Step

MEMBERS = [lambda x: tf.reduce_sum(x, -1), lambda x: 3.0 * tf.reduce_sum(x, -1)]


def descend(energy_fn, x, seed):
    """Moves by the energy at `x`, so that the end says which member it was."""
    return Step(x + energy_fn(x)[:, None], tf.ones(tf.shape(x)[:1]))


def test_the_mean_is_the_mean():
    x = tf.constant([[1.0, 2.0], [0.0, 1.0]])
    np.testing.assert_allclose(ensemble.mean_energy(MEMBERS)(x), [6.0, 2.0])
    assert ensemble.mean_energy(MEMBERS[:1]) is MEMBERS[0]


def test_every_step_is_at_one_member_for_all_rows_and_each_has_its_share():
    kernel = ensemble.random_member(descend, MEMBERS)
    run = tf.function(lambda seed: kernel(None, tf.ones([3, 1]), seed).x)
    ends = np.array([run(rng.fold_in(rng.make_seed(0), k)) for k in range(400)])
    assert set(np.unique(ends)) == {2.0, 4.0}
    assert np.all(ends == ends[:, :1])  # one member for all rows
    share = np.mean(ends[:, 0, 0] == 2.0)
    assert abs(share - 0.5) < 5.0 * 0.5 / np.sqrt(400)


def test_one_member_is_sampled_as_it_is():
    kernel_at = lambda k: descend  # noqa: E731
    assert ensemble.sampler_of(kernel_at, MEMBERS[:1], "random") is kernel_at
    assert ensemble.sampler_of(kernel_at, MEMBERS, "mean") is kernel_at


@pytest.mark.parametrize(
    "call", [ensemble.mean_energy, lambda m: ensemble.random_member(descend, m)]
)
def test_no_member_is_refused(call):
    with pytest.raises(ValueError, match="`members` must be one energy or more"):
        call([])
