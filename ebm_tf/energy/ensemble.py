"""Several networks trained and sampled as one energy.

[1] Du and Mordatch, 2019, appendix A.12: an ensemble helped a bit, and was not worth
    the added complexity. https://arxiv.org/abs/1903.08689
"""

import keras
import tensorflow as tf

from ebm_tf.conditions import require_condition
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks.ensemble import EnsembleConfig


@keras.saving.register_keras_serializable(package="ebm_tf")
class EnsembleEnergy(EnergyModel):
    """`E(x) = mean_k E_k(x)`, networks alike with weights of their own [1].

    Input shapes: states `[B, ...]` and, if conditional, a condition. Output shape:
    `[B]`, nats.

    Attributes:
        members: The networks.
    """

    config_class = EnsembleConfig

    def __init__(self, config: EnsembleConfig, state_shape: tuple[int, ...], **kwargs):
        super().__init__(config, state_shape, **kwargs)
        self.members = [
            config.network.make(state_shape, name=f"member_{number}")
            for number in range(1, config.num_members + 1)
        ]
        self.build_weights()

    def fit_base(self, chunks) -> None:
        """Fits to data what the members take from them."""
        for member in self.members:
            member.fit_base(chunks)

    def call(self, x, condition=None):
        require_condition(self.condition_space, condition)
        given = (x,) if condition is None else (x, condition)
        energies = [member(*given) for member in self.members]
        return tf.add_n(energies) / len(energies)
