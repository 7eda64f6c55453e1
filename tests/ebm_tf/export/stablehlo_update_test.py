"""An update as a program: the trainer's own, with its state as arguments."""

import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import Box
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.mlp import MlpConfig
from ebm_tf.export import stablehlo_update
from ebm_tf.sampling.config import LangevinConfig
from ebm_tf.training.state import state_variables
from ebm_tf.training.trainer import Trainer
from tests.ebm_tf import levels
from tests.ebm_tf.export.small import RESNET
from tests.ebm_tf.training import small

PLANE = Box(low=-1.0, high=1.0, num_levels=None)
NETWORK = MlpConfig(
    widths=(8,),
    scale=1.0,
    activation="swish",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
)
ONE = tf.distribute.OneDeviceStrategy("/cpu:0")


def quiet_trainer():
    """Returns a trainer whose updates draw nothing: every slot, no noise."""
    config = small.train_config(
        objective=small.objective(
            langevin=LangevinConfig(
                num_steps=3, step_size=0.5, noise_std=0.0, grad_clip=None
            ),
            replay=small.replay(capacity=4, fresh_prob=0.0),
        )
    )
    with ONE.scope():
        energy = build_energy(NETWORK, (2,), seed=1)
    return Trainer(energy, PLANE, config, seed=0, strategy=ONE)


def test_the_program_makes_the_update_that_the_trainer_makes():
    whole, parts = quiet_trainer(), quiet_trainer()
    update = stablehlo_update.update_function(whole)
    before = {n: v.numpy() for n, v in state_variables(whole).items()}
    for number in range(2):
        draw = np.random.RandomState(number)
        points = draw.uniform(-1, 1, (4, 2)).astype(np.float32)
        logs = parts.run_update(points, np.zeros(4, np.int32))
        metrics = update(tf.constant(points), whole.seed)
        for name in ("gap", "loss", "movement", "data_energies"):
            np.testing.assert_allclose(metrics[name], logs[name], atol=1e-5)
    first, second = state_variables(whole), state_variables(parts)
    for name in first:
        np.testing.assert_allclose(first[name], second[name], atol=1e-5)
    moved = [n for n in first if np.abs(first[n].numpy() - before[n]).max() > 1e-4]
    assert {"replay/states", "adam/iteration", "energy/head/kernel"} <= set(moved)


@pytest.fixture(scope="module")
def conditional():
    """A trainer with labels in its slots, and slots that are not always written."""
    config = small.train_config(
        objective=small.objective(
            replay=small.replay(labels="stored", write="reservoir", fresh_prob=0.5)
        )
    )
    with ONE.scope():
        energy = build_energy(RESNET, small.SHAPE, seed=1)
    return Trainer(energy, small.PIXELS, config, seed=3, strategy=ONE)


def test_state_and_list_belong_together(conditional, tmp_path):
    listed = stablehlo_update.export_update(conditional, str(tmp_path))
    assert json.loads((tmp_path / "arguments.json").read_text()) == listed
    names = [spec["name"] for spec in listed["arguments"]]
    assert names[:3] == ["images", "labels", "seed"]
    state, variables = np.load(tmp_path / "state.npz"), state_variables(conditional)
    assert {*names[2:]} == {*state.files}
    assert {"replay/labels", "replay/num_written", "adam/iteration"} <= {*names}
    for name in names[3:]:
        np.testing.assert_array_equal(state[name], variables[name])
    np.testing.assert_array_equal(state["seed"], conditional.seed)
    fed = [spec["feeds"] for spec in listed["results"] if "feeds" in spec]
    assert fed == names[3:]
    metrics = {spec["name"]: spec for spec in listed["results"] if "feeds" not in spec}
    assert {"gap", "data_energy", "negative_energy"} <= metrics.keys()
    assert metrics["negative_energies"]["shape"] == [4]
    assert listed["counter"] == "adam/iteration"
    # Every weight that trains is there, and every vector of the power iteration.
    assert {v.path for v in conditional.energy.variables} <= {*names}
    program = (tmp_path / "update.mlir").read_text()
    assert "stablehlo.convolution" in program and "bounds" not in program


def test_a_part_of_several_replicas_is_refused():
    trainer = small.trainer()
    trainer.strategy = dataclasses.make_dataclass("Two", ["num_replicas_in_sync"])(2)
    with pytest.raises(ValueError, match="`strategy` must be of one replica"):
        stablehlo_update.export_update(trainer, "nowhere")


def test_data_carry_labels_and_slots_their_levels_too(tmp_path):
    trained = levels.trainer(ONE)
    listed = stablehlo_update.export_update(trained, str(tmp_path))
    names = [spec["name"] for spec in listed["arguments"]]
    assert names[:3] == ["images", "labels", "seed"] and "noise_level" not in names
    assert {"replay/labels", "replay/noise_level"} <= {*names}
    fed = {spec["feeds"] for spec in listed["results"] if "feeds" in spec}
    assert {"replay/labels", "replay/noise_level"} <= fed
