"""Small networks of noise levels, fitted to a few drawn images."""

import numpy as np

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.config import NoiseLevelConfig
from ebm_tf.energy.networks.level_mlp import LevelMlpConfig
from ebm_tf.energy.networks.levels import NoisedBaseConfig
from ebm_tf.energy.networks.unet import UNetConfig

SHAPE = (8, 8, 1)
HISTOGRAM = NoisedBaseConfig(kind="histogram", num_groups=4, smoothing=0.5)
_SHARED = {
    "base": HISTOGRAM,
    "gate_scale": 1.0,
    "embedding": 6,
    "noise_levels": NoiseLevelConfig(low=1e-3, high=10.0),
}


def unet(**changes) -> UNetConfig:
    """Returns settings of a U-Net of two resolutions."""
    own = {"patch": 2, "widths": (4, 6), "blocks": 1, "middle_blocks": 1}
    return UNetConfig(**_SHARED | own | changes)


def mlp(**changes) -> LevelMlpConfig:
    """Returns settings of two dense layers."""
    return LevelMlpConfig(**_SHARED | {"widths": (6, 5)} | changes)


def levels(num=200) -> np.ndarray:
    """Returns images, half of their pixels black, uint8."""
    draw = np.random.default_rng(0)
    ink = draw.integers(0, 256, (num, *SHAPE)) * draw.integers(0, 2, (num, *SHAPE))
    return ink.astype(np.uint8)


def images(num=200) -> np.ndarray:
    """Returns the same, dequantized."""
    return PIXELS.decode(levels(num), rng.make_seed(0)).numpy()


def fitted(config):
    """Returns a network whose base is fitted to `images`."""
    energy = build_energy(config, SHAPE, 0, PIXELS)
    energy.fit_base([images()[:120], images()[120:]])
    return energy


def stir(energy):
    """Gives every weight that learns a value."""
    draw = np.random.default_rng(1)
    for weight in energy.trainable_weights:
        weight.assign(draw.normal(0.0, 0.2, weight.shape))
