"""Settings of training that contradict each other are refused."""

import pytest

from ebm_tf.losses.config import DenoisingConfig, KlConfig
from ebm_tf.sampling.config import AdaptiveHmcConfig, LangevinConfig
from ebm_tf.training.config import ChainScheduleConfig
from tests.ebm_tf.training import small


def test_no_more_steps_are_differentiated_than_there_are():
    divergence = KlConfig(weight=1.0, entropy_weight=0.0, neighbour=1, num_grad_steps=4)
    with pytest.raises(ValueError) as error:
        small.train_config(objective=small.objective(kl=divergence))
    assert str(error.value) == (
        "`objective.kl.num_grad_steps` must be at most `langevin.num_steps`, 3. "
        "Received: num_grad_steps=4"
    )


HMC = AdaptiveHmcConfig(
    num_leapfrog=2, step_size=0.01, target_accept=0.7, adapt_rate=0.1
)


def test_settings_of_langevin_steps_are_not_for_hmc():
    with pytest.raises(ValueError, match="`hmc` must be null with `objective.kl`"):
        small.train_config(hmc=HMC, step_energy_scale=1.0)


def test_denoising_and_hmc_need_a_temperature():
    quiet = LangevinConfig(num_steps=3, step_size=1.0, noise_std=0.0, grad_clip=None)
    denoising = DenoisingConfig(noise_std=0.1, l2_weight=0.0)
    with pytest.raises(ValueError, match="`langevin.noise_std` must be positive"):
        small.train_config(objective=denoising, langevin=quiet)
    with pytest.raises(ValueError, match="`langevin.noise_std` must be positive"):
        small.train_config(hmc=HMC, langevin=quiet)


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
