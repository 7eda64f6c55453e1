"""A normal walk of one number: what is likely between its ends is a formula."""

import dataclasses

import numpy as np
import pytest

from ebm_tf.studies.trajectories import TrajectoriesConfig, findings
from tests.ebm_tf.studies import known
from tests.ebm_tf.studies.trajectories import walks
from tests.ebm_tf.studies.trajectories.walks import HMC, SPACE, S, T

CONFIG = TrajectoriesConfig(
    num_examples=300, num_draws=4, num_train=2000, num_shown=2, shown=(0,)
)
# Given both ends, the moments between are a bridge: variances S^2 k (4 - k) / 4.
BRIDGE = S**2 * np.array([3.0, 4.0, 3.0]) / 4.0


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    def made(split):
        num = 2000 if split == "train" else 300
        return walks.walks(num, len(split)), np.zeros(num, np.int32)

    folder = tmp_path_factory.mktemp("examples")
    examples = known.examples(folder, space=SPACE, made=made)
    samples = walks.walks(400, 9)
    return known.subject(
        walks.energy(), HMC, examples=examples, space=SPACE, samples=samples
    )


@pytest.fixture(scope="module")
def found(subject):
    return CONFIG.run(subject)


def test_chains_draw_the_bridge_between_the_known_ends(found):
    table = found.tables["completion"]
    rows, v = table["predictors"], BRIDGE.mean()
    # Five standard errors, which the table has, and a twentieth for the chains.
    for name, error in [
        (findings.DRAW, 2.0 * v),
        (findings.MEAN, (1.0 + 1.0 / 4) * v),
        ("linear", v),
        ("straight line", v),
    ]:
        tolerance = 5.0 * rows[name]["standard_error"]
        assert tolerance < 0.35 * error
        assert rows[name]["error"] == pytest.approx(error, abs=tolerance + 0.05 * v)
    assert rows["linear"]["error"] < rows[findings.MEAN]["error"]
    assert rows["neighbours"]["error"] < rows["nearest"]["error"]
    assert rows["mean"]["share_of_mean"] == 1.0
    # Of 300 sets of four draws, three moments as good as one and a half: 19 %.
    assert table["variance_of_draws"] == pytest.approx(v, rel=0.19)
    assert table["moments"] == [1, 2, 3]
    root = rows["linear"]["root_by_moment"]
    assert np.square(root) == pytest.approx(BRIDGE, rel=5.0 * np.sqrt(2.0 / 300))


def test_the_lowest_draw_is_that_of_the_lowest_energy(found):
    drawn, truth = found.arrays["draws"], found.arrays["truth"]
    energies = walks.energies(drawn)
    np.testing.assert_allclose(found.arrays["energies"], energies, rtol=1e-4)
    table = found.tables["completion"]
    best = drawn[np.arange(300), energies.argmin(axis=1)]
    error = np.square(best - truth)[:, 1:-1].mean()
    row = table["predictors"][findings.LOWEST]
    assert row["error"] == pytest.approx(error, rel=1e-5)
    gap = (energies - energies.min(axis=1, keepdims=True)).mean()
    assert table["mean_gap_of_energies"] == pytest.approx(gap, rel=1e-4)


def test_samples_of_the_law_move_like_data_and_noise_does_not(found):
    rows = found.tables["samples"]
    # The mean absolute value of a normal move; the linear law knows nothing more.
    move = S * np.sqrt(2.0 / np.pi)
    for name in ("test", "samples"):
        error = rows[name]["move"]["standard_error"]
        assert rows[name]["move"]["mean"] == pytest.approx(move, abs=5.0 * error)
        assert rows[name]["off_the_linear_law"]["mean"] < 1.1 * S
        assert rows[name]["frechet"] < 0.2
    assert rows["noise"]["move"]["mean"] > 2.0 * move
    assert rows["noise"]["frechet"] > 1.0


def test_what_it_shows(found):
    assert set(found.figures) == {"completion", "samples", "errors"}
    assert set(found.details) == set(found.tables["completion"]["predictors"])


@pytest.mark.parametrize(
    "name, value",
    [
        ("num_examples", 1),
        ("num_draws", 1),
        ("num_start", -1),
        ("num_neighbours", 0),
        ("num_train", 4),
        ("shown", ()),
        ("correction_size", 0.0),
    ],
)
def test_bad_settings_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be"):
        dataclasses.replace(CONFIG, **{name: value})


def test_models_that_it_is_not_for(subject):
    CONFIG.require_model((T, 1), None, HMC)
    with pytest.raises(ValueError, match="`model` must be of trajectories, .T, D"):
        CONFIG.require_model((28, 28, 1), None, HMC)
    with pytest.raises(ValueError, match="`num_end` must be below 2, the moments"):
        CONFIG.require_model((2, 1), None, HMC)
    with pytest.raises(ValueError, match="`shown` must be below 1, the numbers"):
        dataclasses.replace(CONFIG, shown=(1,)).require_model((T, 1), None, HMC)
    with pytest.raises(ValueError, match="`num_end` must be positive where num_start"):
        dataclasses.replace(CONFIG, num_start=0, num_end=0)
    few = dataclasses.replace(CONFIG, num_neighbours=2001, num_train=3000)
    with pytest.raises(ValueError, match="`num_neighbours` must be at most the"):
        few.run(subject)
