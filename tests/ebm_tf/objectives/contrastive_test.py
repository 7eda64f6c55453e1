"""Settings that would mean nothing are refused."""

import pytest

from ebm_tf.objectives.contrastive import ChainScheduleConfig, KlConfig
from ebm_tf.sampling.config import AdaptiveHmcConfig, LangevinConfig
from tests.ebm_tf.training import small

TINY = small.objective()


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
        small.objective(**change)
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
    assert small.objective().num_grad_steps == 0
    assert small.objective(kl=divergence).num_grad_steps == 3


def test_weights_are_those_of_the_terms_that_there_are():
    divergence = KlConfig(weight=2.0, entropy_weight=0.0, neighbour=1, num_grad_steps=3)
    assert small.objective().weights == {"cd": 1.0, "l2": 0.1}
    more = small.objective(contrast="softplus", kl=divergence, classifier_weight=3.0)
    assert more.weights == {"softplus": 1.0, "l2": 0.1, "kl": 2.0, "classifier": 3.0}


def test_no_more_steps_are_differentiated_than_there_are():
    divergence = KlConfig(weight=1.0, entropy_weight=0.0, neighbour=1, num_grad_steps=4)
    with pytest.raises(ValueError) as error:
        small.objective(kl=divergence)
    assert str(error.value) == (
        "`kl.num_grad_steps` must be at most `langevin.num_steps`, 3. "
        "Received: num_grad_steps=4"
    )


HMC = AdaptiveHmcConfig(
    num_leapfrog=2, step_size=0.01, target_accept=0.7, adapt_rate=0.1
)


def test_settings_of_langevin_steps_are_not_for_hmc():
    with pytest.raises(ValueError, match="`hmc` must be null with `kl`"):
        small.objective(hmc=HMC, step_energy_scale=1.0)


def test_hmc_needs_a_temperature():
    quiet = LangevinConfig(num_steps=3, step_size=1.0, noise_std=0.0, grad_clip=None)
    with pytest.raises(ValueError, match="`langevin.noise_std` must be positive"):
        small.objective(hmc=HMC, langevin=quiet)


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("shape", "steps", "one of linear, cosine"),
        ("step_factor", 0.0, "positive"),
        ("noise_factor", -1.0, "at least 0"),
    ],
)
def test_bad_schedules(field, value, rule):
    fields = {"shape": "linear", "step_factor": 1.0, "noise_factor": 1.0}
    with pytest.raises(ValueError, match=f"`{field}` must be {rule}"):
        ChainScheduleConfig(**fields | {field: value})
