"""Settings of losses that would mean nothing are refused."""

import pytest

from ebm_tf.losses.config import ContrastiveConfig


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"contrast": "x"},
            "`contrast` must be one of cd, logsumexp, softplus. Received: contrast='x'",
        ),
        ({"l2_weight": -1}, "`l2_weight` must be at least 0. Received: l2_weight=-1"),
    ],
)
def test_bad_settings_name_the_argument_and_its_value(change, text):
    with pytest.raises(ValueError) as error:
        ContrastiveConfig(**{"contrast": "cd", "l2_weight": 0.1} | change)
    assert str(error.value) == text
