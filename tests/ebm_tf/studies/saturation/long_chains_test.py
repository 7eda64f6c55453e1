"""Long chains on energies whose end is known."""

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.conditions import Numbers
from ebm_tf.sampling.chain_batches import ChainBatches, Target
from ebm_tf.sampling.samplers.langevin import LangevinSampler
from ebm_tf.studies.saturation import SaturationConfig, long_chains

CONFIG = SaturationConfig(
    num_chains=64, num_steps=80, every=4, num_shown=3, num_frames=5
)


def follow(energy_fn, noise_std, step_size=0.1, labels=None):
    sampler = LangevinSampler(
        num_steps=1, step_size=step_size, noise_std=noise_std, grad_clip=None
    )
    kernel_at = sampler.kernel_at(PIXELS)
    batches = ChainBatches(
        lambda labels: Target(_bound(energy_fn, labels), kernel_at),
        PIXELS,
        shape=(CONFIG.num_chains, 2, 2, 1),
        seed=rng.make_seed(0),
        jit=False,
    )
    return long_chains.follow(batches, PIXELS, CONFIG, labels)


def _bound(energy_fn, labels):
    return energy_fn if labels is None else lambda x: energy_fn(x, labels)


def linear(x):
    """Drives two pixels to white and two to black."""
    sign = tf.constant([[[1.0], [-1.0]], [[-1.0], [1.0]]])
    return tf.reduce_sum(sign * x, axis=[1, 2, 3])


def test_chains_driven_to_the_edge_saturate_and_become_one_image():
    looks = follow(linear, noise_std=0.0)
    np.testing.assert_array_equal(looks.steps, np.arange(0, 81, 4))
    assert looks.saturated[0] < 0.05 and looks.saturated[-1] == 1.0
    assert looks.diversity[0] == pytest.approx(0.408, abs=0.03)
    assert looks.diversity[-1] == 0.0
    assert looks.energy[0] == pytest.approx(0.0, abs=0.3)
    assert looks.energy[-1] == -2.0
    assert looks.movement[0] == 0.0 and looks.movement[1] > 0.1
    assert looks.movement[-1] == 0.0
    # Nothing moved any more over the later half: there is no R-hat.
    assert set(looks.settled.values()) == {None}
    np.testing.assert_array_equal(looks.frames[-1, 0], [[[0], [255]], [[255], [0]]])


def test_frames_are_some_chains_at_some_looks():
    looks = follow(linear, noise_std=0.1)
    assert looks.frames.shape == (5, 3, 2, 2, 1) and looks.frames.dtype == np.uint8
    assert looks.frame_steps == [0, 20, 40, 60, 80]
    start, _ = rng.split(rng.fold_in(rng.make_seed(0), 0), 2)
    noise = PIXELS.encode(PIXELS.uniform(start, (CONFIG.num_chains, 2, 2, 1)))
    np.testing.assert_array_equal(looks.frames[0], noise[:3])


def well(x):
    return 50.0 * tf.reduce_sum(tf.square(x - 0.5), axis=[1, 2, 3])


def test_chains_that_forget_their_start_are_told_from_those_that_do_not():
    mixing = follow(well, noise_std=0.05, step_size=0.008)
    num = 11 * CONFIG.num_chains  # looks of the later half
    assert abs(mixing.settled["r_hat"] - 1.0) < 0.1
    assert abs(mixing.settled["energy_r_hat"] - 1.0) < 0.1
    assert mixing.settled["ess"] > 0.3 * num
    assert mixing.settled["r_hat"] <= mixing.settled["r_hat_high"]
    # Hardly any drift: every chain stays near where it began.
    stuck = follow(lambda x: 0.0 * well(x), noise_std=0.001)
    assert stuck.settled["r_hat"] > 5.0
    assert stuck.settled["ess"] < 0.3 * num


def test_chains_of_one_label_are_compared_with_one_another():
    def well_of_its_own(x, labels):
        center = 0.3 + 0.4 * labels[:, :1, None, None]
        return 50.0 * tf.reduce_sum(tf.square(x - center), axis=[1, 2, 3])

    labels = Numbers(2).in_turn(0, CONFIG.num_chains)
    looks = follow(well_of_its_own, 0.05, 0.008, tf.constant(labels))
    assert looks.diversity[-1] > 0.2  # they are far apart
    assert abs(looks.settled["r_hat"] - 1.0) < 0.2
