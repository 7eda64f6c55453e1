"""What every registered objective does, whatever it minimizes.

The file `KIND_test.py` beside this one gives small settings of its objective, `TINY`,
and those of a network, `NETWORK`, if it is not for every one.
"""

import importlib
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer

from ebm_tf import conditions
from ebm_tf.energy.build import bind_condition
from ebm_tf.export import saved_model
from ebm_tf.objectives import ObjectiveConfig
from ebm_tf.objectives.contract import Objective
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.training import distribution
from ebm_tf.training.callbacks import Summaries
from tests.ebm_tf.training import small

SAMPLER = LangevinSampler(num_steps=2, step_size=0.1, noise_std=0.01, grad_clip=None)


def trainer(kind, **changes):
    module = importlib.import_module(f"tests.ebm_tf.objectives.{kind}_test")
    assert module.TINY.kind == kind
    strategy, network = distribution.make_strategy("cpu:2"), small.NETWORK
    network = getattr(module, "NETWORK", network)
    return small.trainer(strategy, network=network, objective=module.TINY, **changes)


class Logs(keras.callbacks.Callback):
    """Keeps the logs of the first update."""

    first = None

    def on_train_batch_end(self, batch, logs=None):
        """Keras's hook after an update."""
        self.first = self.first or dict(logs)


@pytest.fixture(scope="module", params=ObjectiveConfig.kinds())
def run(request, tmp_path_factory):
    """A run of 6 updates on two replicas: kind, trainer, folder, logs of the first."""
    trained, folder = trainer(request.param), tmp_path_factory.mktemp(request.param)
    checkpoints = trained.checkpoints(str(folder / "checkpoints"))
    kept = Logs()
    trained.fit(small.batches, [Summaries(trained, str(folder)), kept], checkpoints)
    return request.param, trained, folder, kept.first


def test_an_update_reports_finite_numbers_by_name(run):
    _, trained, _, logs = run
    floats = {name: value for name, value in logs.items() if isinstance(value, float)}
    assert {"loss", "gradient_norm"} <= floats.keys()
    assert all(np.isfinite(value) for value in floats.values())
    assert floats["gradient_norm"] > 0
    energies = {name: v for name, v in logs.items() if name.endswith("_energies")}
    assert energies and floats.keys() | energies.keys() == logs.keys()
    for values in energies.values():
        assert values.shape == (trained.config.batch_size,)


def test_it_trains_and_stays_finite(run):
    _, trained, _, _ = run
    before, after = small.state(trainer(run[0])), small.state(trained)
    assert trained.update == 6
    assert all(np.isfinite(value).all() for value in after)
    num = len(trained.energy.trainable_variables)
    names = [v.path for v in trained.energy.variables]
    trainable = {v.path for v in trained.energy.trainable_variables}
    moved = [
        (a != b).any() for name, a, b in zip(names, before, after) if name in trainable
    ]
    assert len(moved) == num and np.mean(moved) > 0.8


def test_a_resumed_run_equals_an_uninterrupted_one(run, tmp_path):
    kind, whole, folder, _ = run
    shutil.copytree(folder / "checkpoints", tmp_path, dirs_exist_ok=True)
    resumed = trainer(kind)
    checkpoints = resumed.checkpoints(str(tmp_path))
    checkpoints.drop_latest()
    assert resumed.restore(checkpoints) == 4
    resumed.fit(small.batches)
    for a, b in zip(small.state(resumed), small.state(whole), strict=True):
        np.testing.assert_array_equal(a, b)


def test_tensorboard_has_its_curves(run):
    _, trained, folder, logs = run
    steps = {}
    for path in folder.glob("events.*"):
        reader = EventMultiplexer().AddRun(str(path), "run")
        reader.Reload()
        for tag in reader.Runs()["run"]["tensors"]:
            steps.setdefault(tag, []).extend(e.step for e in reader.Tensors("run", tag))
    for tag in ("loss/total", "gradient/norm", "speed/images_per_s"):
        assert sorted(steps[tag]) == [1, 2, 3, 4, 5, 6], tag
    histograms = [tag for tag in steps if tag.endswith("_histogram")]
    assert len(histograms) == sum(name.endswith("_energies") for name in logs)
    assert ("samples/replay" in steps) == (trained.memory is not None)
    assert ("samples/from_noise" in steps) == (trained.objective.preview() is not None)


def test_the_trained_energy_is_exported(run, tmp_path):
    _, trained, _, _ = run
    served = saved_model.ServedEnergy(
        trained.energy, trained.box, SAMPLER, max_num=8, max_steps=4
    )
    saved_model.export_saved_model(served, str(tmp_path))
    loaded = tf.saved_model.load(str(tmp_path / saved_model.VERSION))
    images = tf.constant(next(small.batches(0, 1))[0] / 255.0, tf.float32)
    space = trained.energy.condition_space
    condition = conditions.smallest(space, len(images))
    given = conditions.by_name(space, condition)
    found = loaded.signatures["energy"](images=images, **given)["energy"]
    wanted = bind_condition(trained.energy, condition)(images)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)


def test_settings_make_an_objective_that_counts_its_seeds(run):
    objective = run[1].objective
    assert isinstance(objective, Objective) and objective.num_seeds >= 1


def test_listing_objectives_imports_no_tensorflow():
    program = (
        "import sys; from ebm_tf.objectives import ObjectiveConfig; "
        "print(*ObjectiveConfig.kinds()); assert 'tensorflow' not in sys.modules"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ObjectiveConfig.kinds()
