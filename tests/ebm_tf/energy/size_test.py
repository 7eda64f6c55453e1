"""Sizes of networks that are not made."""

import dataclasses
import math

import pytest

from ebm_tf import checks, resources
from ebm_tf.energy import build, size
from tests.ebm_tf.energy.small_networks import NETWORKS


def _bytes_of(model) -> int:
    return 4 * sum(math.prod(variable.shape) for variable in model.variables)


@pytest.mark.parametrize("name", ["convnet", "conditional", "sprites_net", "sequence"])
def test_the_size_is_that_of_the_network_when_it_is_made(name):
    config, shape = NETWORKS[name]
    counted = size._bytes_of(config, shape)
    assert counted == _bytes_of(build.build_energy(config, shape, seed=0))


WIDE = {
    "convnet": {"filters": 10**6},
    "resnet": {"stage_filters": (10**6, 10**6)},
    "sprites_net": {"filters": 10**6},
    "sequence": {"filters": (10**6, 10**6)},
    "mlp": {"widths": (10**6, 10**6)},
}


@pytest.mark.parametrize("name", WIDE)
def test_a_network_beyond_the_memory_is_refused_before_it_is_made(name):
    config, shape = NETWORKS[name]
    wide = dataclasses.replace(config, **WIDE[name])
    with pytest.raises(checks.InvalidValueError) as caught:
        build.build_energy(wide, shape, seed=0)
    text = str(caught.value)
    assert "bytes of memory, and there are" in text
    assert text.endswith(f"lower `energy.{next(iter(WIDE[name]))}`")
    build.build_energy(config, shape, seed=0)  # nothing of it is left in Keras


def test_numbers_that_make_a_network_larger_are_found_in_its_parts():
    config, _ = NETWORKS["multi_scale"]
    found = size.sizes_of(config, "energy")
    assert found["energy.num_scales"] == 2
    assert found["energy.network.stage_filters"] == 6
    assert found["energy.network.num_classes"] == 3
    assert resources.size((3, 4)) == 48
