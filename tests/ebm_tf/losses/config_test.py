"""Settings of losses that would mean nothing are refused."""

import pytest

from ebm_tf.losses.config import ContrastiveConfig, DenoisingConfig, KlConfig


def contrastive(**changes):
    fields = {
        "contrast": "cd",
        "l2_weight": 0.1,
        "kl": None,
        "gradient_penalty_weight": None,
        "classifier_weight": None,
    }
    return ContrastiveConfig(**fields | changes)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"contrast": "x"},
            "`contrast` must be one of cd, logsumexp, softplus. Received: contrast='x'",
        ),
        ({"l2_weight": -1}, "`l2_weight` must be at least 0. Received: l2_weight=-1"),
        (
            {"classifier_weight": 0},
            "`classifier_weight` must be positive. Received: classifier_weight=0",
        ),
    ],
)
def test_bad_settings_name_the_argument_and_its_value(change, text):
    with pytest.raises(ValueError) as error:
        contrastive(**change)
    assert str(error.value) == text


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("weight", 0.0, "positive"),
        ("entropy_weight", -0.1, "at least 0"),
        ("neighbour", 0, "at least 1"),
        ("num_grad_steps", 0, "at least 1"),
    ],
)
def test_bad_settings_of_the_divergence(field, value, rule):
    fields = {
        "weight": 1.0,
        "entropy_weight": 0.0,
        "neighbour": 1,
        "num_grad_steps": 1,
    }
    with pytest.raises(ValueError, match=f"`{field}` must be {rule}"):
        KlConfig(**fields | {field: value})


def test_no_step_is_differentiated_without_the_divergence():
    divergence = KlConfig(weight=1.0, entropy_weight=0.0, neighbour=1, num_grad_steps=3)
    assert contrastive().num_grad_steps == 0
    assert contrastive(kl=divergence).num_grad_steps == 3


def test_weights_are_those_of_the_terms_that_there_are():
    divergence = KlConfig(weight=2.0, entropy_weight=0.0, neighbour=1, num_grad_steps=3)
    assert contrastive().weights == {"cd": 1.0, "l2": 0.1}
    more = contrastive(contrast="softplus", kl=divergence, classifier_weight=3.0)
    assert more.weights == {"softplus": 1.0, "l2": 0.1, "kl": 2.0, "classifier": 3.0}
    denoising = DenoisingConfig(noise_std=0.1, l2_weight=0.5)
    assert denoising.weights == {"score": 1.0, "l2": 0.5}


@pytest.mark.parametrize(("field", "value"), [("noise_std", 0.0), ("l2_weight", -1.0)])
def test_bad_settings_of_denoising(field, value):
    with pytest.raises(ValueError, match=f"`{field}` must be"):
        DenoisingConfig(**{"noise_std": 0.1, "l2_weight": 0.0} | {field: value})
