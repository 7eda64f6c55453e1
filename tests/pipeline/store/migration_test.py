"""Format 1 in today's layout."""

import copy
import hashlib
import json

import pytest

from ebm_tf import checks
from ebm_tf.studies.saturation import SaturationConfig
from pipeline.store import artifacts, lineage, manifests, migration, unfinished

CHAIN = {"num_steps": 2, "step_size": 50.0, "noise_std": 0.1, "grad_clip": None}
REPLAY = {"capacity": 8, "fresh_prob": 0.1, "labels": "data", "write": "ring"}
TRAIN = {
    "num_updates": 3,
    "objective": {"kind": "contrastive", "contrast": "cd", "l2_weight": 1.0},
    "langevin": CHAIN,
    "chain_schedule": None,
    "step_energy_scale": None,
    "hmc": None,
    "replay": REPLAY,
    "optimizer": {"learning_rate": 0.1, "ema_decay": 0.5},
    "log_every": 5,
}
CONFIG = {"energy": {"kind": "mlp"}, "train": TRAIN}


class Input:
    """An artifact that another was made from."""

    kind, digest = "examples", "ab"


def old_manifest(config=CONFIG, **changes):
    """Returns a manifest as format 1 wrote it, its digest by the words of its time."""
    request = {"kind": "model", "config": config, "seed": 3, "inputs": {"x": "ab"}}
    content = request | {"details": {"n": 1}, "files": {}}
    text = json.dumps(content, sort_keys=True)
    manifest = {"format": 1} | content | {"inputs": {"x": {"path": "x"}}}
    manifest["inputs"]["x"]["digest"] = "ab"
    manifest |= {"digest": hashlib.sha256(text.encode()).hexdigest()}
    manifest |= {"notes": {}, "code": "c"} | changes
    return manifest | {"seal": manifests.seal(manifest)}


def write(folder, manifest):
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return str(folder)


def test_what_the_objective_uses_moves_into_it():
    config = migration.run_config(CONFIG)
    assert config["train"] == {
        "num_updates": 3,
        "objective": {
            "kind": "contrastive",
            "contrast": "cd",
            "l2_weight": 1.0,
            "langevin": CHAIN,
            "replay": REPLAY,
            "chain_schedule": None,
            "step_energy_scale": None,
            "hmc": None,
        },
        "optimizer": {
            "learning_rate": 0.1,
            "ema_decay": 0.5,
            "ema_start": "first_weights",
        },
        "log_every": 5,
    }
    assert config["energy"] == {"kind": "mlp"}
    assert "langevin" in CONFIG["train"]  # the original is as it was


def test_the_section_of_the_study_becomes_one_of_the_studies():
    study = {"num_chains": 4, "num_steps": 16}
    config = migration.run_config(CONFIG | {"saturation": study})
    asked = {"kind": "saturation", "num_chains": 4, "num_steps": 16}
    assert config["studies"] == {"saturation": asked}
    assert "saturation" not in config and "langevin" not in config["train"]


def test_the_artifact_of_the_study_is_what_is_asked_for(tmp_path):
    study = {"num_chains": 4, "num_steps": 16, "every": 2}
    stored = {"saturation": study, "sampler": CHAIN | {"kind": "langevin"}}
    manifest = old_manifest(config=stored, kind="saturation")
    content = {n: manifest[n] for n in ("kind", "config", "seed", "details", "files")}
    text = json.dumps(content | {"inputs": {"x": "ab"}}, sort_keys=True)
    manifest["digest"] = hashlib.sha256(text.encode()).hexdigest()
    manifest["seal"] = manifests.seal(
        {n: v for n, v in manifest.items() if n != "seal"}
    )
    path = write(tmp_path / "saturation", manifest)
    asked = SaturationConfig(**study, num_shown=1, num_frames=2)
    config = artifacts.load(path, "saturation").config
    assert config["saturation"] == {"kind": "saturation"} | study
    asked = {"saturation": asked, "sampler": stored["sampler"]}
    found = artifacts.find(path, "saturation", asked, {"x": Input}, 3)
    assert found.path == path


def test_denoising_takes_its_temperature_from_the_chains():
    train = copy.deepcopy(TRAIN)
    train["objective"] = {"kind": "denoising", "noise_std": 0.3, "l2_weight": 1.0}
    objective = migration.run_config({"train": train})["train"]["objective"]
    assert objective.pop("temperature") == pytest.approx(1e-4)  # 0.1**2 / (2 * 50)
    assert objective == {"kind": "denoising", "noise_std": 0.3, "l2_weight": 1.0}


def test_what_has_no_training_stays():
    for config in ({"num_samples": 3}, {"export": {"max_num": 1}}, {}):
        assert migration.run_config(config) == config


def test_old_manifest_is_read_and_keeps_its_digest(tmp_path):
    manifest = old_manifest()
    path = write(tmp_path / "model", manifest)
    model = artifacts.load(path, "model")
    assert model.digest == manifest["digest"]
    assert model.config == migration.run_config(CONFIG)
    assert lineage.check(lineage.trace(path)) == ["x is not there: x"]


def test_old_manifest_is_of_the_request_that_its_settings_are_now(tmp_path):
    path = write(tmp_path / "model", old_manifest())
    asked = migration.run_config(CONFIG)
    found = artifacts.find(path, "model", asked, {"x": Input}, 3)
    assert found.path == path
    asked["train"]["objective"]["langevin"]["num_steps"] = 9
    with pytest.raises(checks.InvalidValueError) as caught:
        artifacts.find(path, "model", asked, {"x": Input}, 3)
    text = "train.objective.langevin.num_steps was 2, asked 9"
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "changes, text",
    [({"seal": "0"}, "was changed"), ({"digest": "0"}, "has another digest")],
)
def test_old_manifest_is_checked_by_the_old_rules(tmp_path, changes, text):
    manifest = old_manifest(**changes) | {
        k: v for k, v in changes.items() if k == "seal"
    }
    path = write(tmp_path / "model", manifest)
    with pytest.raises(checks.InvalidValueError, match=text):
        artifacts.load(path, "model")


def test_manifest_of_now_stays_as_it_is(tmp_path):
    with artifacts.writing(str(tmp_path / "a"), "model", CONFIG, {}, 0):
        pass
    stored = json.loads((tmp_path / "a" / "manifest.json").read_text())
    assert stored["format"] == manifests.FORMAT == 2
    assert migration.manifest(stored) is stored
    assert migration.digest_of(stored) == stored["digest"]


def test_request_of_old_unfinished_work_goes_on(tmp_path):
    path, partial = tmp_path / "model", tmp_path / "model.partial"
    partial.mkdir()
    request = {"kind": "model", "config": CONFIG, "seed": 0, "inputs": {}}
    note = {"started": "then", "request": request, "code": "x", "spent": None}
    (partial / "request.json").write_text(json.dumps(note))
    (partial / "log.txt").touch()
    asked = migration.run_config(CONFIG)
    assert unfinished.config_of(str(path)) == asked
    assert migration.request(note)["seed"] == 0
    with artifacts.resuming(str(path), "model", asked, {}, 0):
        content = json.loads((partial / "request.json").read_text())
        assert content["format"] == 2 and content["started"] == "then"
        assert migration.request(content)["config"] == asked
    assert artifacts.load(str(path), "model").config == asked
