"""Where a flow begins, and when it is warm; `samplers/gradient_flow_test` runs it."""

import dataclasses

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import Box, OpenSpace
from ebm_tf.sampling.config import FlowConfig
from ebm_tf.sampling.gradient_flow import noise_at_centre, temperature_at


def test_the_temperature_rises_to_time_1():
    config = FlowConfig(num_steps=1, time_step=0.1, temperature=2.0, heated_from=0.6)
    found = temperature_at(config, tf.constant([0.0, 0.6, 0.8, 1.0, 3.0]))
    np.testing.assert_allclose(found, [0.0, 0.0, 1.0, 2.0, 2.0], atol=1e-6)
    sudden = dataclasses.replace(config, heated_from=1.0)
    found = temperature_at(sudden, tf.constant([0.0, 0.99, 1.0, 3.0]))
    np.testing.assert_allclose(found, [0.0, 0.0, 2.0, 2.0])


def test_noise_lies_about_the_middle_of_the_space():
    box = Box(low=-2.0, high=4.0, num_levels=None)
    for space, middle in (
        (box, 1.0),
        (OpenSpace(mean=(1.0, 5.0), std=1.0), (1.0, 5.0)),
    ):
        found = noise_at_centre(space, 0.5, rng.make_seed(0), [4000, 2]).numpy()
        error = 4 * 0.5 / np.sqrt(4000)
        np.testing.assert_array_less(np.abs(found.mean(axis=0) - middle), error)
        np.testing.assert_allclose(found.std(axis=0), 0.5, rtol=4 / np.sqrt(8000))
