"""Draws keep what is known, whatever is known; energies are of whole walks."""

import dataclasses

import numpy as np

from ebm_tf.studies.trajectories import completion
from tests.ebm_tf.studies import known
from tests.ebm_tf.studies.trajectories import walks


def test_what_is_known_stays_and_the_rest_is_drawn():
    sampler = dataclasses.replace(walks.HMC, num_steps=4)
    subject = known.subject(walks.energy(), sampler, space=walks.SPACE)
    truth, labels = walks.walks(9, 0), np.zeros(9, np.int32)
    is_unknown = np.array([False, True, True, False, True])[:, None]
    drawn = completion.draws(subject, truth, labels, is_unknown, 3)
    assert drawn.shape == (9, 3, walks.T, 1) and drawn.dtype == np.float32
    kept = np.broadcast_to(truth[:, None], drawn.shape)[:, :, ~is_unknown[:, 0]]
    np.testing.assert_array_equal(drawn[:, :, ~is_unknown[:, 0]], kept)
    apart = np.abs(drawn[:, 0] - drawn[:, 1])[:, is_unknown[:, 0]]
    assert apart.min() > 0.0
    values = completion.values(subject, drawn, labels)
    np.testing.assert_allclose(values, walks.energies(drawn), rtol=1e-4)
