"""Several networks trained and sampled as one energy.

[1] Du and Mordatch, 2019, appendix A.12: an ensemble helped a bit, and was not worth
    the added complexity. https://arxiv.org/abs/1903.08689
"""

import keras
import tensorflow as tf

from ebm_tf.energy.config import EnsembleConfig
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks import NETWORKS


@keras.saving.register_keras_serializable(package="ebm_tf")
class EnsembleEnergy(EnergyModel):
    """`E(x) = mean_k E_k(x)`, networks alike with weights of their own [1].

    Input shapes: states `[B, ...]` and, if conditional, labels. Output shape: `[B]`,
    nats.
    """

    config_class = EnsembleConfig

    def __init__(self, config: EnsembleConfig, state_shape: tuple[int, ...], **kwargs):
        super().__init__(config, state_shape, **kwargs)
        network_class = NETWORKS[type(config.network)]
        # One attribute each: tf.train.Checkpoint does not look into Python lists.
        for name in self._names():
            setattr(self, name, network_class(config.network, state_shape, name=name))
        self.build_weights()

    def _names(self) -> list[str]:
        return [f"member_{index + 1}" for index in range(self.config.num_members)]

    @property
    def members(self) -> list[EnergyModel]:
        """The networks."""
        return [getattr(self, name) for name in self._names()]

    def call(self, x, *labels):
        energies = [member(x, *labels) for member in self.members]
        return tf.add_n(energies) / len(energies)
