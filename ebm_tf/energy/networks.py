"""Which class is the network of which configuration."""

from ebm_tf.energy.convnet import ConvEnergy
from ebm_tf.energy.mlp import MlpEnergy
from ebm_tf.energy.multi_scale import MultiScaleEnergy
from ebm_tf.energy.resnet import ResNetEnergy
from ebm_tf.energy.sequence import SequenceEnergy
from ebm_tf.energy.sprites_net import SpritesNetEnergy

NETWORKS = {
    cls.config_class: cls
    for cls in (
        ConvEnergy,
        MlpEnergy,
        MultiScaleEnergy,
        ResNetEnergy,
        SequenceEnergy,
        SpritesNetEnergy,
    )
}
