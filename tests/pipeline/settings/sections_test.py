"""Sections of the settings, each read by itself."""

import copy

import pytest

from ebm_tf import checks, settings
from pipeline.settings import presets, sections
from pipeline.settings.config import RunConfig


@pytest.fixture
def data():
    return copy.deepcopy(presets.read_preset("mnist")[1])


def test_sections_are_those_of_a_run(data):
    assert sections.names() == tuple(data)


def test_all_of_them_are_a_run(data):
    assert sections.read(data, None) == settings.from_dict(RunConfig, data)


def test_sections_that_are_not_wanted_are_not_looked_at(data):
    whole = settings.from_dict(RunConfig, data)
    data["export"] = {"no_such": 1}
    del data["saturation"]
    config = sections.read(data, ("sample", "energy"))
    assert vars(config) == {"sample": whole.sample, "energy": whole.energy}
    with pytest.raises(checks.InvalidValueError, match="`export` has no field"):
        sections.read(data, ("sample", "export"))
    with pytest.raises(checks.InvalidValueError, match="no section `saturation`"):
        sections.read(data, ("saturation",))
    with pytest.raises(checks.InvalidValueError, match="`section` must be one of"):
        sections.read(data, ("samples",))


def test_mistake_is_named_by_its_whole_path(data):
    data["sample"]["sampler"]["num_steps"] = 0
    with pytest.raises(checks.InvalidValueError, match="`sample.sampler.num_steps` mu"):
        sections.read(data, ("sample",))


def test_fields_that_are_not_there_are_resolved(data):
    whole = copy.deepcopy(data)
    del data["sample"]["process"], data["export"]["stablehlo"]
    found = sections.resolved(data, ("sample",))
    assert found["sample"] == whole["sample"]
    assert "stablehlo" not in found["export"]
    assert sections.resolved(data, None) == whole
