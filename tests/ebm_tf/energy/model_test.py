"""What every network knows of itself."""

import numpy as np

from ebm_tf.energy.mlp import MlpEnergy
from ebm_tf.energy.networks.mlp import MlpConfig

CONFIG = MlpConfig(
    widths=(3, 4),
    scale=2.0,
    activation="swish",
    kernel_initializer="he_normal",
    normalize_head=True,
)


def test_it_is_built_when_made_and_knows_its_shape():
    model = MlpEnergy(CONFIG, (2,))
    assert model.built and model.state_shape == (2,) and model.num_classes is None
    assert model(np.zeros([5, 2], np.float32)).shape == (5,)


def test_it_can_be_made_again_from_its_configuration():
    model = MlpEnergy(CONFIG, (2,))
    copy = MlpEnergy.from_config(model.get_config())
    assert copy.config == CONFIG and copy.state_shape == (2,)
    copy.set_weights(model.get_weights())
    x = np.float32([[0.3, -1.0], [2.0, 0.5]])
    np.testing.assert_array_equal(copy(x), model(x))


def test_two_instances_name_their_variables_alike():
    one, two = MlpEnergy(CONFIG, (2,)), MlpEnergy(CONFIG, (2,))
    assert [v.path for v in one.variables] == [v.path for v in two.variables]
    assert len({v.path for v in one.variables}) == len(one.variables)
