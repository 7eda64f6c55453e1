"""What a configuration chooses, against a count by hand."""

import dataclasses

import pytest

from ebm_tf import registry
from ebm_tf.energy.networks import NetworkConfig
from ebm_tf.energy.networks.custom import CustomConfig
from ebm_tf.sampling.samplers.annealed import AnnealedSampler
from pipeline.settings import presets, sections
from pipeline.store import choices
from tests import forget

ANNEALED = "ebm_tf.sampling.samplers.annealed"


@dataclasses.dataclass(frozen=True)
class Pair:
    name: str
    several: tuple


def sampler():
    return AnnealedSampler(
        num_steps=2, step_size=1.0, noise_std=0.1, grad_clip=None, first_noise_std=0.2
    )


def test_choices_are_found_at_any_depth():
    found = choices.of({"a": Pair("x", (sampler(), 3)), "b": {"c": sampler()}})
    assert found == {"a.several.0": ANNEALED, "b.c": ANNEALED}
    assert choices.of(sampler()) == {"kind": ANNEALED}
    assert choices.of({"seed": 3}) == {}


def test_a_preset_names_its_data_set():
    config = sections.read(presets.read_preset("digits")[1], None)
    found = choices.of(config)
    assert found["ingest.dataset"] == "ebm_tf.data.sources.digits"
    assert found["energy"] == "ebm_tf.energy.networks.convnet"
    assert found["sample.sampler"] == ANNEALED


def test_modules_of_a_user_have_a_digest():
    with forget.registered():
        digest = registry.import_module("tests.plugins.bowl")
        bowl = NetworkConfig.of_kind("bowl")(stiffness=1.0)
        found = choices.of({"energy": bowl, "s": sampler()})
        assert choices.imports_of(found) == {"tests.plugins.bowl": digest}


def test_names_that_are_not_there():
    config = sections.read(presets.read_preset("digits")[1], None)
    choices.require_names(vars(config))
    wrong = dataclasses.replace(config.ingest, dataset="digts")
    for value in (wrong, {"a": (wrong,)}):
        with pytest.raises(ValueError, match=r"did you mean digits\?\). Received"):
            choices.require_names(value)
    wrong = CustomConfig(factory="no_such:make")
    with pytest.raises(ValueError, match="say --import=no_such"):
        choices.require_names({"energy": wrong})


def test_a_users_function_is_in_a_module_too():
    config = CustomConfig(factory="my_net:make")
    found = choices.of({"energy": config})
    assert found["energy.factory"] == "my_net"
