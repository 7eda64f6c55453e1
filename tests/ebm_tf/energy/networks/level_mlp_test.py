"""Settings of the dense layers at noise levels."""

import pytest

from ebm_tf.energy.networks.level_mlp import LevelMlpConfig
from tests.ebm_tf.energy.networks.levels_test import GOOD


@pytest.mark.parametrize("widths", [(), (0,)])
def test_bad_widths_are_refused(widths):
    with pytest.raises(ValueError, match="`widths` must be"):
        LevelMlpConfig(**GOOD | {"widths": widths})
