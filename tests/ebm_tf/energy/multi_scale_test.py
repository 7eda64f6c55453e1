"""The energy at several resolutions is the sum of its networks'."""

import numpy as np
import tensorflow as tf

from ebm_tf.energy import build
from ebm_tf.energy.networks.multi_scale import MultiScaleConfig
from ebm_tf.energy.spectral import refresh_spectra
from tests.ebm_tf.energy.small_networks import draw_weights, resnet_config

NETWORK = resnet_config(3)
CONFIG = MultiScaleConfig(num_scales=3, network=NETWORK)
SHAPE = (16, 12, 3)


def make():
    model = build.build_energy(CONFIG, SHAPE, seed=0)
    draw_weights(model, seed=2)
    refresh_spectra(model)
    return model


def mean_of_blocks(x, size):
    num, height, width, channels = x.shape
    x = x.reshape(num, height // size, size, width // size, size, channels)
    return x.mean((2, 4))


def test_energy_is_the_sum_over_resolutions():
    model = make()
    x = np.random.default_rng(1).random((4, *SHAPE)).astype(np.float32)
    labels = tf.constant([0, 1, 2, 0])
    parts = [
        network(tf.constant(mean_of_blocks(x, size)), labels).numpy()
        for network, size in zip(model.scales, (1, 2, 4), strict=True)
    ]
    for part in parts:
        assert np.abs(part).min() > 1e-3
    np.testing.assert_allclose(model(x, labels), sum(parts), rtol=1e-4, atol=1e-4)


def test_each_scale_has_weights_of_its_own():
    model = make()
    assert [network.state_shape for network in model.scales] == [
        (16, 12, 3),
        (8, 6, 3),
        (4, 3, 3),
    ]
    paths = [weight.path for weight in model.weights]
    assert len(set(paths)) == len(paths)
    alone = build.build_energy(NETWORK, SHAPE, seed=0)
    assert model.count_params() == 3 * alone.count_params()
    first, second, _ = build.build_energy(CONFIG, SHAPE, seed=0).scales
    assert np.abs(first.stem.kernel.numpy() - second.stem.kernel.numpy()).max() > 0.01
