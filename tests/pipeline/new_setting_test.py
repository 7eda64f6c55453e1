"""A field more in each section: what was stored before is still used."""

import dataclasses

import pytest

from ebm_tf import settings
from ebm_tf.studies import StudyConfig
from ebm_tf.studies.saturation import SaturationConfig
from pipeline.commands import evaluate as evaluate_command
from pipeline.commands import export as export_command
from pipeline.commands import sample as sample_command
from pipeline.commands import saturation as saturation_command
from pipeline.commands import train as train_command
from pipeline.settings import presets, sections
from pipeline.settings.config import RunConfig
from pipeline.store import artifacts
from tests.fixtures import format_1


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("format_1")
    format_1.unpack(folder)
    return folder / "convnet"


def with_field(cls, name, kind, default):
    """Returns a class of configurations that has a field more."""
    field = (name, kind, dataclasses.field(default=default))
    return dataclasses.make_dataclass(
        cls.__name__, [field], bases=(cls,), frozen=True, kw_only=True
    )


@pytest.fixture
def wider(run, monkeypatch):
    """Every section of the settings has a field that it had not, of default 0."""
    stored = artifacts.peek(str(run / "model"), "model").config
    config = settings.from_dict(RunConfig, stored)
    fields = [
        (name, with_field(type(getattr(config, name)), "added", int, 0))
        for name in sections.names()
        if name != sections.STUDIES
    ]
    fields.append((sections.STUDIES, dict[str, StudyConfig]))
    study = with_field(SaturationConfig, "added", int, 0)
    monkeypatch.setitem(StudyConfig._choices, study.kind, study)
    changed = dataclasses.make_dataclass("RunConfig", fields, frozen=True, kw_only=True)
    monkeypatch.setattr(sections, "RunConfig", changed)
    monkeypatch.setattr(presets, "RunConfig", changed)


@pytest.mark.parametrize(
    "main, kind",
    [
        (train_command.main, "model"),
        (sample_command.main, "samples"),
        (evaluate_command.main, "evaluation"),
        (export_command.main, "export"),
    ],
)
@pytest.mark.usefixtures("wider")
def test_stored_artifact_is_what_is_asked_for(run, ended, main, kind):
    code, out, err = ended(main, f"--out={run}")
    assert (code, err) == (0, "")
    assert f"{run}/{kind} is there already" in out
    section = {"model": "train", "samples": "sample", "evaluation": "evaluate"}
    name = f"{section.get(kind, kind)}.added"
    code, _, err = ended(main, f"--out={run}", f"--set={name}=1")
    assert code == 2 and "added was 0, asked 1" in err


@pytest.mark.usefixtures("wider")
def test_stored_model_is_sampled_anew(run, ended, tmp_path):
    model = f"--model={run}/model"
    code, _, err = ended(sample_command.main, model, f"--out={tmp_path}", "--num=1")
    assert code == 0, err
    samples = artifacts.load(str(tmp_path / "samples"), "samples")
    assert samples.config["added"] == 0


@pytest.mark.usefixtures("wider")
def test_stored_model_is_studied(run, ended, tmp_path):
    changes = {"num_chains": 2, "num_steps": 8, "every": 1, "num_shown": 1}
    changes |= {"num_frames": 2}
    words = [f"--set=saturation.{key}={value}" for key, value in changes.items()]
    words += [f"--model={run}/model", f"--out={tmp_path}"]
    code, _, err = ended(saturation_command.main, *words)
    assert code == 0, err
    study = artifacts.load(str(tmp_path / "saturation"), "saturation")
    assert study.config["saturation"]["added"] == 0
    code, _, err = ended(saturation_command.main, *words, "--set=saturation.added=1")
    assert code == 2 and "saturation.added was 0, asked 1" in err


def test_section_that_a_command_does_not_need_may_be_wrong(run, ended, tmp_path):
    """As if a section had a field more that has no default."""
    stored = artifacts.peek(str(run / "model"), "model")
    data = stored.config | {
        "export": {"max_num": 3},
        "studies": {"own": {"every": "x"}},
    }
    path = str(tmp_path / "model")
    with artifacts.writing(path, "model", data, {}, 0) as scratch:
        for name in ("model.keras", "replay.npy"):
            with (
                open(stored.file(name), "rb") as source,
                open(f"{scratch.folder}/{name}", "wb") as target,
            ):
                target.write(source.read())
        scratch.details.update(stored.details)
    code, _, err = ended(sample_command.main, f"--out={tmp_path}", "--num=1")
    assert code == 0, err
    code, _, err = ended(export_command.main, f"--out={tmp_path}")
    assert code == 2
    assert err.endswith("`export` lacks the field `max_steps`\n")
