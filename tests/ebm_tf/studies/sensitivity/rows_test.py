"""A row changes what it says, and nothing else."""

import dataclasses

import pytest

from ebm_tf.studies.sensitivity import SensitivityConfig
from ebm_tf.studies.sensitivity.rows import MOST, ROWS, Changed

CONFIG = SensitivityConfig()


def changed(name):
    return ROWS[name].change(CONFIG.network, CONFIG.objective)


def test_the_first_row_is_the_study_s_own_settings():
    assert changed("base") == Changed(CONFIG.network, CONFIG.objective)
    assert changed("other_seed") == changed("base")._replace(seed_offset=1)
    assert len(CONFIG.rows) == MOST == 12 < len(ROWS)


@pytest.mark.parametrize(
    "name, block, field, value",
    [
        ("buffer_small", "replay", "capacity", 100),
        ("buffer_large", "replay", "capacity", 10_000),
        ("noise_none", "langevin", "noise_std", 0.0),
        ("noise_large", "langevin", "noise_std", 0.2),
        ("step_hundredth", "langevin", "step_size", 0.1),
        ("step_ten", "langevin", "step_size", 100.0),
        ("step_hundred", "langevin", "step_size", 1000.0),
    ],
)
def test_one_number_of_the_chains_or_of_the_buffer(name, block, field, value):
    found = changed(name).objective
    old = getattr(CONFIG.objective, block)
    assert getattr(getattr(found, block), field) == pytest.approx(value)
    same = dataclasses.replace(getattr(found, block), **{field: getattr(old, field)})
    assert dataclasses.replace(found, **{block: same}) == CONFIG.objective
    assert changed(name).network == CONFIG.network


def test_activations_and_normalizations():
    assert changed("swish").network.activation == "swish"
    assert changed("relu").objective == CONFIG.objective
    assert changed("batch_normalization").normalization == "batch"
    assert changed("layer_normalization").network == CONFIG.network


@pytest.mark.parametrize(
    "name, value",
    [
        ("rows", ()),
        ("rows", ("swish",)),
        ("rows", ("base", "base")),
        ("rows", ("base", "swoosh")),
        ("rows", tuple(ROWS)),
        ("num_samples", 128),
        ("num_updates", 0),
        ("confidence", 1.5),
    ],
)
def test_bad_settings_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(CONFIG, **{name: value})


def test_a_buffer_smaller_than_a_batch_is_refused():
    # The row with a fifth of the buffer has 100 slots.
    with pytest.raises(ValueError, match="replay.capacity` must be at least `batch_s"):
        dataclasses.replace(CONFIG, batch_size=101)
