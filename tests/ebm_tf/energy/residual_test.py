"""f = 0 is the base exactly; f moves the energy in states and coordinates alike."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS, OpenSpace
from ebm_tf.energy.build import build_energy, load_energy, save_energy
from ebm_tf.energy.networks.residual import BASES, ResidualBaseConfig, ResidualConfig

SHAPE = (6, 5, 1)
SEED = rng.make_seed(0)


def settings(kind="gaussian_copula"):
    smoothing = 0.1 if kind == "gaussian_copula" else None
    base = ResidualBaseConfig(kind=kind, min_std=0.01, smoothing=smoothing)
    return ResidualConfig(base=base, filters=(4, 4), dense=3, units=5, slope=4.0)


def images(num=300):
    draw = np.random.default_rng(0)
    levels = draw.integers(0, 256, (num, *SHAPE)) * draw.integers(0, 2, (num, *SHAPE))
    return PIXELS.decode(levels.astype(np.uint8), SEED)


def fitted(kind):
    energy = build_energy(settings(kind), SHAPE, 0, PIXELS)
    energy.fit_base([images().numpy()])
    return energy


def stir(energy):
    """Gives every weight that learns a value."""
    draw = np.random.default_rng(1)
    for weight in energy.trainable_weights:
        weight.assign(draw.normal(0.0, 0.3, weight.shape))


@pytest.mark.parametrize("kind", BASES)
def test_before_training_it_is_the_base_exactly(kind):
    energy, x = fitted(kind), images(50)
    assert np.array_equal(energy(x), -energy.base.log_prob(x))
    z = rng.normal(SEED, (50, 30))
    normal = 0.5 * np.sum(np.square(z), axis=1) + 15 * np.log(2 * np.pi)
    assert energy.latent_energy(z).numpy() == pytest.approx(normal, rel=1e-6)


@pytest.mark.parametrize("kind", BASES)
def test_the_network_adds_f_in_states_and_in_coordinates(kind):
    energy, x = fitted(kind), images(50)
    z = energy.enter(x)
    before = energy(x).numpy(), energy.latent_energy(z).numpy()
    stir(energy)
    f = energy.residual(energy.base.scores(x)).numpy()
    assert np.std(f) > 0.1
    assert energy(x).numpy() - before[0] == pytest.approx(f, abs=1e-3)
    assert energy.latent_energy(z).numpy() - before[1] == pytest.approx(f, abs=1e-2)


def test_f_is_bounded_and_sees_neighbours_as_neighbours():
    energy = fitted("logit_gaussian")
    stir(energy)
    scores = tf.constant([[0.0] * 30, [1e6] * 30, [-1e6] * 30])
    # Beyond the channels' bounds nothing changes: the tails are the base's.
    assert np.isfinite(energy.residual(scores)).all()
    assert np.array_equal(energy.residual(scores), energy.residual(10 * scores))
    assert energy.convs[0].kernel.shape == (5, 5, 3, 4)


def test_no_gradient_moves_the_base():
    energy = fitted("gaussian_copula")
    fixed = {weight.name for weight in energy.non_trainable_weights}
    assert fixed == {"base_mean", "base_scale", "base_edges"}


@pytest.mark.parametrize("kind", BASES)
def test_it_is_saved_with_its_base(kind, tmp_path):
    energy, x = fitted(kind), images(20)
    stir(energy)
    save_energy(energy, str(tmp_path / "model.keras"))
    again = load_energy(str(tmp_path / "model.keras"))
    assert np.array_equal(again(x), energy(x))


def test_open_spaces_are_refused():
    space = OpenSpace(mean=0.0, std=1.0)
    energy = build_energy(settings("logit_gaussian"), SHAPE, 0)
    energy.space = space
    with pytest.raises(ValueError, match="`space` must be a box"):
        energy.fit_base([images().numpy()])
