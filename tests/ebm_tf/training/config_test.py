"""Settings of training that contradict each other are refused."""

import pytest

from ebm_tf.losses.config import KlConfig
from tests.ebm_tf.training import small


def test_no_more_steps_are_differentiated_than_there_are():
    divergence = KlConfig(weight=1.0, entropy_weight=0.0, neighbour=1, num_grad_steps=4)
    with pytest.raises(ValueError) as error:
        small.train_config(objective=small.objective(kl=divergence))
    assert str(error.value) == (
        "`objective.kl.num_grad_steps` must be at most `langevin.num_steps`, 3. "
        "Received: num_grad_steps=4"
    )
