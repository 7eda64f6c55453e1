"""Sections of the settings, each read by itself."""

import copy
import dataclasses
from typing import ClassVar

import pytest

from ebm_tf import checks, settings
from ebm_tf.studies import StudyConfig
from pipeline.settings import overrides, presets, sections
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
    del data["ingest"]
    config = sections.read(data, ("sample", "energy"))
    assert vars(config) == {"sample": whole.sample, "energy": whole.energy}
    with pytest.raises(checks.InvalidValueError, match="`export` has no field"):
        sections.read(data, ("sample", "export"))
    with pytest.raises(checks.InvalidValueError, match="no section `ingest`"):
        sections.read(data, ("ingest",))
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


@pytest.fixture
def probe():
    """A study that no preset knows, as one that a user's module registers."""

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class ProbeConfig(StudyConfig):
        kind: ClassVar[str] = "probe"
        num: int = 4

        def __post_init__(self):
            checks.require_count("num", self.num)

    yield ProbeConfig
    del StudyConfig._choices["probe"]


def test_study_that_is_not_there_has_its_defaults(data, probe):
    wanted = ("studies.probe", "sample")
    config = sections.read(data, wanted)
    assert config.studies == {"probe": probe(num=4)}
    found = sections.resolved(data, wanted)
    assert found["studies"]["probe"] == {"kind": "probe", "num": 4}
    assert found["studies"]["saturation"] == data["studies"]["saturation"]
    changed = overrides.apply_overrides(found, ["studies.probe.num=7"])
    assert sections.read(changed, wanted).studies["probe"].num == 7
    del data["studies"]
    assert sections.read(data, wanted) == config


def test_study_is_read_beside_one_that_is_not_registered(data):
    data["studies"]["gone"] = {"num": "x"}
    config = sections.read(data, ("studies.saturation",))
    assert config.studies["saturation"].num_steps == 5000
    resolved = sections.resolved(data, ("studies.saturation",))
    assert resolved["studies"]["gone"] == {"num": "x"}
    with pytest.raises(checks.InvalidValueError) as caught:
        sections.read(data, None)
    message = "`studies.gone` must be a registered study, one of "
    assert str(caught.value).startswith(message) and "saturation" in str(caught.value)


def test_what_a_study_only_shows_is_told_of_the_whole_run(data):
    shown = settings.display_fields(sections.read(data, None))
    found = [name for name in shown if name.startswith("studies.")]
    assert found == ["studies.saturation.num_shown", "studies.saturation.num_frames"]


def test_mistake_in_a_study_is_named_by_its_whole_path(data, probe):
    data["studies"]["probe"] = {"num": 0}
    for wanted in (("studies.probe",), ("studies",), None):
        with pytest.raises(checks.InvalidValueError, match="`studies.probe.num` must"):
            sections.read(data, wanted)
    data["studies"]["probe"] = {"kind": "saturation"}
    with pytest.raises(checks.InvalidValueError, match="`studies.probe.kind` must be"):
        sections.read(data, None)
    data["studies"] = 3
    with pytest.raises(checks.InvalidTypeError, match="`studies` must be a JSON obj"):
        sections.read(data, None)
