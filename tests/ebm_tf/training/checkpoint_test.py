"""What a checkpoint holds: every variable, by its path."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.sampling.config import ReplayConfig
from tests.ebm_tf.training import small


def test_every_variable_is_in_the_file(tmp_path):
    trained = small.trainer()
    checkpoints = trained.checkpoints(str(tmp_path))
    assert checkpoints.latest is None and checkpoints.restore() == 0
    checkpoints.save(3)
    stored = {
        tuple(shape)
        for name, shape in tf.train.list_variables(checkpoints.latest)
        if "VARIABLE_VALUE" in name
    }
    names = [name for name, _ in tf.train.list_variables(checkpoints.latest)]
    for variable in trained.energy.variables:
        found = [n for n in names if f"energy/{variable.path.replace('/', '.S')}/" in n]
        assert len(found) == 1, variable.path
    assert (16, *small.SHAPE) in stored  # the buffer
    assert checkpoints.restore() == 3


def test_spectra_come_back_too(tmp_path):
    trained = small.trainer()
    trained.checkpoints(str(tmp_path)).save(1)
    other = small.trainer(seed=1)
    assert other.checkpoints(str(tmp_path)).restore() == 1
    for a, b in zip(small.state(trained), small.state(other), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_buffer_of_another_size_is_refused(tmp_path):
    small.trainer().checkpoints(str(tmp_path)).save(1)
    larger = ReplayConfig(capacity=32, fresh_prob=0.1, labels="data", write="in_place")
    other = small.trainer(replay=larger)
    with pytest.raises(ValueError, match="shape"):
        other.checkpoints(str(tmp_path)).restore()
