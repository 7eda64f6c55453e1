"""Training where energies depend on a class and a noise level, on two replicas."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.objectives.denoising import DenoisingConfig
from ebm_tf.training import distribution
from ebm_tf.training.callbacks import Summaries
from tests.ebm_tf import levels
from tests.ebm_tf.training import small


def two():
    return distribution.make_strategy("cpu:2")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of 6 updates: trainer, folder."""
    trained, folder = levels.trainer(two()), tmp_path_factory.mktemp("levels")
    checkpoints = trained.checkpoints(str(folder / "checkpoints"))
    trained.fit(levels.batches, [Summaries(trained, str(folder))], checkpoints)
    return trained, folder


def test_an_update_trains_what_depends_on_the_condition(run):
    before = {v.path: v.numpy() for v in levels.trainer(two()).energy.variables}
    moved = {
        v.path for v in run[0].energy.variables if (v.numpy() != before[v.path]).any()
    }
    assert [path for path in moved if path.endswith("/bias_1")]
    assert [path for path in moved if path.endswith("/bias_1_noise_level")]
    for values in small.state(run[0]):
        assert np.isfinite(values).all()


def test_the_buffer_keeps_classes_and_levels_of_the_update():
    trained = levels.trainer(two())
    before = trained.replay()
    assert set(before) == {"states", "labels", "noise_level"}
    assert before["noise_level"].dtype == np.float32
    [(stored, _)] = levels.batches(0, 1)
    trained.run_update(stored, np.array([2, 2, 2, 2], np.int32))
    after = trained.replay()
    changed = before["noise_level"] != after["noise_level"]
    assert changed.sum() == 4  # a batch of four, no slot twice
    np.testing.assert_array_equal(after["labels"][changed], 2)
    kept = ~changed
    np.testing.assert_array_equal(after["labels"][kept], before["labels"][kept])
    assert (0.1 <= after["noise_level"]).all() and (after["noise_level"] <= 1).all()


def test_a_resumed_run_equals_an_uninterrupted_one(run, tmp_path):
    part = levels.trainer(two(), num_updates=4)
    part.fit(levels.batches, checkpoints=part.checkpoints(str(tmp_path)))
    resumed = levels.trainer(two())
    assert resumed.restore(resumed.checkpoints(str(tmp_path))) == 4
    resumed.fit(levels.batches)
    for a, b in zip(small.state(resumed), small.state(run[0]), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_checkpoint_names_the_parts_of_the_condition(run):
    path = str(run[1] / "checkpoints" / "ckpt-6")
    names = tf.train.load_checkpoint(path).get_variable_to_shape_map()
    kept = {"/".join(name.split("/")[:3]) for name in names if "buffer/" in name}
    for replica in (0, 1):
        assert {
            f"buffer/{replica}/labels",
            f"buffer/{replica}/noise_level",
            f"buffer/{replica}/states",
        } <= kept


def test_the_pictures_of_training_are_there(run):
    tags = {
        value.tag
        for path in run[1].glob("events.*")
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
    }
    assert {"samples/from_noise", "samples/replay", "energy/gap"} <= tags


@pytest.mark.parametrize(
    "objective",
    [small.objective(), DenoisingConfig(noise_std=0.1, l2_weight=0.1, temperature=1)],
    ids=lambda objective: objective.kind,
)
def test_an_objective_that_chooses_no_levels_is_refused(objective):
    with pytest.raises(ValueError) as caught:
        levels.trainer(two(), objective)
    assert str(caught.value).startswith(
        "`energy.noise_levels` must be null for the objective "
        f'"{objective.kind}", which chooses none. Received: '
    )
    assert "\n" not in str(caught.value)
