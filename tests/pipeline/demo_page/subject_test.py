"""The model of the page, loaded."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import pretrained, rng
from ebm_tf.data import shards
from pipeline.demo_page import subject
from tests import tiny_model


def test_a_model_is_what_its_manifest_says(images, levels, points):
    assert images.class_names == tuple(tiny_model.CLASS_NAMES)
    assert images.shape == (8, 8, 1) and images.state_bytes == 64
    assert (images.labels.num, images.levels) == (3, None)
    assert levels.levels.high == 2.0
    found = [one.shown_as for one in (images, levels, points)]
    assert found == [subject.IMAGE, subject.IMAGE, subject.POINT]


def test_the_compiled_network_is_the_network(points):
    x = points.space.noise(rng.make_seed(0), (5, 2))
    plain = points.energy._model(x)
    np.testing.assert_allclose(points.energy(tf.constant(x)), plain, rtol=1e-5)


def test_the_model_of_the_wheel_is_there():
    assert subject.is_there(pretrained.found("digits"))
    assert not subject.is_there("no such folder")


def test_examples_of_other_states_are_refused(images, tmp_path):
    chunk = np.zeros((2, 4, 4, 1), np.uint8), np.zeros(2, np.int32)
    shards.write_split(str(tmp_path / "test"), [chunk], shard_size=2)
    with pytest.raises(ValueError, match="`examples` must be of"):
        images._replace(examples=str(tmp_path)).example(0)
