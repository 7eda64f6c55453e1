"""Hours are seconds of a call times how many there are; a small network has so many."""

import dataclasses

import pytest

from ebm_tf.box import UNIT
from ebm_tf.energy.networks.mlp import MlpConfig
from ebm_tf.objectives.denoising import DenoisingConfig
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.studies.contract import Recipe
from ebm_tf.studies.costs import CostsConfig
from ebm_tf.training.config import OptimizerConfig, TrainConfig
from tests.ebm_tf.studies import known

NETWORK = MlpConfig(
    widths=(8,),
    scale=1.0,
    activation="swish",
    kernel_initializer="glorot_uniform",
    normalize_head=True,
    num_classes=3,
)
TRAIN = TrainConfig(
    num_updates=1000,
    batch_size=8,
    objective=DenoisingConfig(noise_std=0.1, l2_weight=0.0, temperature=1.0),
    optimizer=OptimizerConfig(
        learning_rate=0.001,
        final_learning_rate=0.001,
        beta_1=0.9,
        beta_2=0.999,
        epsilon=1e-8,
    ),
    dtype="float32",
    compile="graph",
    log_every=1,
    image_every=1,
    preview_steps=1,
    checkpoint_every=1,
    keep_checkpoints=1,
)
SAMPLER = LangevinSampler(num_steps=60, step_size=0.1, noise_std=0.01)
CONFIG = CostsConfig(num_updates=2, num_rows=2, num_steps=3, num_chains=10)


@pytest.fixture(scope="module")
def subject():
    recipe = Recipe(network=NETWORK, train=TRAIN, shape=(2, 3))
    return known.subject(None, SAMPLER, space=UNIT, recipe=recipe)


@pytest.fixture(scope="module")
def table(subject):
    found = CONFIG.run(subject)
    assert found.shown == ("costs",) and set(found.figures) == {"costs"}
    assert found.details == {"parameters": found.tables["costs"]["parameters"]}
    return found.tables["costs"]


def test_hours_are_what_the_settings_ask_for(table):
    # Weights and biases of 6 -> 8 -> 1, and a bias of each class for 8 units.
    assert table["parameters"] == 6 * 8 + 8 + 8 + 1 + 3 * 8
    update, training = table["update"], table["training"]
    assert (update["rows"], training["num_updates"]) == (2, 1000)
    # Four times the rows that were timed.
    hours = update["seconds"] * 4 * 1000 / 3600
    assert training["hours"] == pytest.approx(hours) and hours > 0
    step, sampling = table["step"], table["sampling"]
    hours = step["seconds"] * 60 * 50_000 / 10 / 3600
    assert sampling["hours"] == pytest.approx(hours) and hours > 0
    assert table["paper"]["EBM (paper)"] == (5e6, 48.0, 3.0)


@pytest.mark.parametrize(
    "change, text",
    [
        ({"num_rows": 9}, "`num_rows` must be at most the examples of an update, 8"),
        ({"num_steps": 60}, "`num_steps` must be below the steps of a chain, 60"),
    ],
)
def test_more_than_there_is_cannot_be_timed(subject, change, text):
    with pytest.raises(ValueError, match=text):
        dataclasses.replace(CONFIG, **change).run(subject)


@pytest.mark.parametrize("name", ["num_rows", "num_updates", "num_images"])
def test_bad_settings_are_named(name):
    with pytest.raises(ValueError, match=f"`{name}` must be at least 1"):
        dataclasses.replace(CONFIG, **{name: 0})
