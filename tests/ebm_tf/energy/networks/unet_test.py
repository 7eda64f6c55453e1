"""Settings of the U-Net."""

import pytest

from ebm_tf.energy.networks.unet import UNetConfig
from tests.ebm_tf.energy.networks.levels_test import GOOD

UNET = GOOD | {"patch": 2, "widths": (4, 8), "blocks": 1, "middle_blocks": 1}


@pytest.mark.parametrize(
    "change",
    [{"patch": 0}, {"widths": ()}, {"widths": (0,)}, {"blocks": 0}],
)
def test_bad_settings_are_refused(change):
    with pytest.raises(ValueError, match=f"`{next(iter(change))}` must be"):
        UNetConfig(**UNET | change)
