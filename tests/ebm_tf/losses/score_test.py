"""The loss of Gaussians, where its least value and its place are known."""

import math

import pytest

from ebm_tf import rng
from ebm_tf.energy.analytic import DiagonalGaussian
from ebm_tf.losses.score import denoising_score_matching

NUM, STD, NOISE = 50_000, 2.0, 1.5


def loss(std, temperature=1.0):
    """That of data N(0, STD^2) under an energy of another width."""
    data_seed, noise_seed = rng.split(rng.make_seed(3), 2)
    x = STD * rng.normal(data_seed, [NUM, 2])
    noised = x + NOISE * rng.normal(noise_seed, [NUM, 2])
    gaussian = DiagonalGaussian([0.0, 0.0], [std, std])
    return float(
        denoising_score_matching(
            lambda x: temperature * gaussian(x),
            x,
            noised,
            noise_std=NOISE,
            temperature=temperature,
            global_batch_size=NUM,
        )
    )


@pytest.mark.parametrize("temperature", [1.0, 0.01])
def test_least_value_is_at_the_density_of_the_noised_data(temperature):
    # There residuals are N(0, v), v = STD^2 / (STD^2 + NOISE^2); at any other width
    # the loss is greater by NOISE^2 / 2 times the mean squared error of the score.
    variance = STD**2 + NOISE**2
    least = STD**2 / variance / 2
    error = 4 / math.sqrt(NUM)  # relative: means of 2 NUM squares of Gaussians
    assert abs(loss(math.sqrt(variance), temperature) - least) < error * least
    # The data's own width: (1 / STD^2 - 1 / variance)^2 * variance of noised data.
    more = NOISE**2 / 2 * (1 / STD**2 - 1 / variance) ** 2 * variance
    assert more > 5 * error * least
    assert abs(loss(STD, temperature) - least - more) < error * (least + more)


def test_a_flat_energy_has_a_half():
    assert abs(loss(1e6) - 0.5) < 4 / math.sqrt(NUM) * 0.5
