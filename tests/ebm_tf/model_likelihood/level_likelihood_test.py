"""An energy whose log Z is known is checked, from drawn data."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import PIXELS, UNIT
from ebm_tf.model_likelihood.level_likelihood import measure
from tests.ebm_tf.model_likelihood.small_levels import chains_of, energy_of, images


def log_z_of(energy) -> float:
    """Returns log Z of the lowest level, by a sum over a fine grid."""
    side = np.linspace(-0.5, 1.5, 501, dtype=np.float32)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    logs = -energy(tf.constant(grid), tf.fill([len(grid)], 1e-3)).numpy()
    return float(np.logaddexp.reduce(logs.astype(np.float64))) + 2 * np.log(2.0 / 500)


@pytest.mark.parametrize("log_z", [0.5, -1.0])
def test_the_check_finds_log_z(log_z):
    energy = energy_of(log_z=log_z)
    data = images(energy)
    found = measure(chains_of(energy), data, UNIT)
    low = tf.fill([200], 1e-3)
    learned = -energy(tf.constant(data.test), low).numpy()
    assert found["learned"]["test"]["point"] == pytest.approx(learned.mean(), rel=1e-5)
    assert [row["num_levels"] for row in found["rows"]] == [30, 60]
    row = found["rows"][1]
    assert row["counts"] and row["difference"]["form"] == "interval"
    half, truth = row["difference"]["half_width"], log_z_of(energy)
    assert abs(truth) > 0.1
    assert abs(row["difference"]["point"] - truth) < 2 * half < 0.2
    density = learned[:100].mean() - truth
    assert abs(row["ais"]["point"] - density) < 2 * half
    # What the sampler draws is near to the density, and its bound below it.
    assert density - 0.3 < row["raise"]["value"] < density + 0.1


def test_bits_are_those_of_levels():
    energy = energy_of()
    few = {"num_levels": (4,), "num_chains": 4, "num_replicates": 1, "num_images": 4}
    found = measure(chains_of(energy, **few), images(energy), PIXELS)
    told = found["learned"]["test"]
    bits = 8.0 - told["point"] / (2 * np.log(2.0))
    assert told["bits"]["value"] == pytest.approx(bits)
