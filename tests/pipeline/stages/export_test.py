import contextlib
import dataclasses
import os
import pkgutil
import signal

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf import rng, settings
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import bind_condition, load_energy
from ebm_tf.sampling.langevin import langevin_chain
from ebm_tf.sampling.samplers.annealed import AnnealedSampler
from pipeline.commands import export as export_command
from pipeline.settings.config import ExportConfig, StableHloConfig
from pipeline.stages import export
from pipeline.stages.evaluate import evaluate
from pipeline.store import artifacts
from tests import small_run, tiny_model


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "conditional"])
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    model = tiny_model.make(folder, request.param)
    config = tiny_model.run_config(request.param).export
    return model, export.run(model, str(folder / "export"), config, seed=0)


def test_it_samples_with_the_model_s_settings(made):
    model, artifact = made
    energy = load_energy(os.path.join(model, "model.keras"))
    labels = None if energy.num_classes is None else tf.constant([2, 0])
    request = {"num": tf.constant(2), "seed": tf.constant([4, 5])}
    if labels is not None:
        request["labels"] = labels
    langevin = tiny_model.run_config(False).sample.sampler
    loaded = tf.saved_model.load(artifact.file("1"))
    got = loaded.signatures["sample"](
        **request, num_steps=tf.constant(langevin.num_steps)
    )
    noise_seed, chain_seed = rng.split(request["seed"], 2)
    x = PIXELS.uniform(noise_seed, (2, *tiny_model.SHAPE))
    chain = tf.function(langevin_chain, autograph=False)
    expected = chain(bind_condition(energy, labels), x, chain_seed, langevin, PIXELS)
    assert np.abs(expected - x).max() > 0.04
    np.testing.assert_allclose(got["images"], expected, atol=1e-5)


def test_the_manifest_lists_signatures_and_settings(made):
    _, artifact = made
    signatures = artifact.details["signatures"]
    conditional = artifact.details["num_classes"] is not None
    assert ("classify" in signatures) == conditional
    assert ("labels" in signatures["sample"]["inputs"]) == conditional
    assert signatures["refine"]["inputs"]["images"] == "float32 [B, 8, 8, 1]"
    assert artifact.config["sampler"]["step_size"] == 50.0
    assert artifact.config["export"] == {
        "max_num": 8,
        "max_steps": 10,
        "dtype": "float32",
        "stablehlo": None,
    }
    assert artifact.details["class_names"] == tiny_model.CLASS_NAMES
    # The layout of TensorFlow Serving: numbered folders in a base folder.
    assert sorted(os.listdir(artifact.path)) == ["1", "manifest.json"]


def test_limits_are_those_of_the_configuration(made):
    _, artifact = made
    loaded = tf.saved_model.load(artifact.file("1"))
    request = {"num": tf.constant(9), "seed": tf.constant([0, 0])}
    if artifact.details["num_classes"] is not None:
        request["labels"] = tf.zeros([9], tf.int32)
    with pytest.raises(tf.errors.InvalidArgumentError, match="`num` must be 1 to 8"):
        loaded.signatures["sample"](**request, num_steps=tf.constant(1))


def test_the_same_request_again_returns_at_once(made, capsys):
    model, artifact = made
    config = tiny_model.run_config(False).export
    again = export.run(model, artifact.path, config, seed=0)
    assert again == artifact
    assert "is there already" in capsys.readouterr().out
    other = dataclasses.replace(config, max_steps=11)
    with pytest.raises(ValueError, match="max_steps was 10, asked 11"):
        export.run(model, artifact.path, other, seed=0)


def test_the_command_finds_the_run_s_model(tmp_path, capsys):
    tiny_model.make(tmp_path, conditional=False)
    export_command.main([f"--out={tmp_path}", "--set=sample.sampler.step_size=10"])
    assert capsys.readouterr().out.endswith(f"export: wrote {tmp_path}/export\n")
    made = artifacts.load(str(tmp_path / "export"), "export")
    assert made.config["sampler"]["step_size"] == 10.0


def test_a_missing_model_ends_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as exit_info:
        export_command.main(["--dataset=mnist", f"--out={tmp_path / 'run'}"])
    assert exit_info.value.code == 2
    expected = f"export: there is no `model` at {tmp_path}/run/model\n"
    assert capsys.readouterr().err == expected
    assert not (tmp_path / "run").exists()


def test_bfloat16_is_close_to_float32(made, tmp_path):
    model, exact = made
    coarse = tiny_model.run_config(exact.details["num_classes"] is not None).export
    coarse = dataclasses.replace(coarse, dtype="bfloat16")
    coarse = export.run(model, str(tmp_path / "export"), coarse, seed=0)
    request = {"images": PIXELS.uniform(rng.make_seed(0), (4, *tiny_model.SHAPE))}
    if exact.details["num_classes"] is not None:
        request["labels"] = tf.constant([0, 1, 2, 0])
    energies = [
        tf.saved_model.load(artifact.file("1")).signatures["energy"](**request)
        for artifact in (exact, coarse)
    ]
    first, second = (energy["energy"].numpy() for energy in energies)
    assert second.dtype == np.float32 and np.any(first != second)
    np.testing.assert_allclose(second, first, rtol=0.05, atol=0.02 * np.ptp(first))


def test_a_stablehlo_program_lies_beside_it(tmp_path):
    model = tiny_model.make(tmp_path, conditional=True)
    program = StableHloConfig(num=2, num_steps=3)
    config = dataclasses.replace(tiny_model.run_config(True).export, stablehlo=program)
    artifact = export.run(model, str(tmp_path / "export"), config, seed=0)
    listed = artifact.details["stablehlo"]
    assert [spec["name"] for spec in listed["arguments"][-2:]] == ["seed", "labels"]
    assert listed["results"][0]["shape"] == [2, *tiny_model.SHAPE]
    files = os.listdir(artifact.file("stablehlo"))
    assert sorted(files) == ["arguments.json", "sample.mlir", "weights.npz"]


def test_other_steps_are_the_same_export_unless_noise_is_annealed(tmp_path):
    model = tiny_model.make(tmp_path, False)
    config = tiny_model.run_config(False)
    chain = config.sample.sampler
    out = str(tmp_path / "export")
    made = export.run(model, out, config.export, 0, chain)
    assert "num_steps" not in made.config["sampler"]
    longer = dataclasses.replace(chain, num_steps=9)
    assert export.run(model, out, config.export, 0, longer) == made
    other = dataclasses.replace(chain, step_size=9.0)
    with pytest.raises(ValueError, match="sampler.step_size was 50.0, asked 9.0"):
        export.run(model, out, config.export, 0, other)
    annealed = export._frozen(
        AnnealedSampler(
            num_steps=4,
            step_size=1.0,
            noise_std=0.1,
            grad_clip=None,
            first_noise_std=1.0,
        )
    )
    assert annealed["num_steps"] == 4


def test_an_evaluation_of_another_model_is_refused(tmp_path, ended):
    paths = small_run.make(tmp_path / "one")
    evaluation = str(tmp_path / "one" / "evaluation")
    config = small_run.evaluate_config("neighbours")
    evaluate.run(**paths, out=evaluation, config=config, seed=0, strategy="one")
    other = tiny_model.make(tmp_path / "two", False)
    code, out, err = ended(
        export_command.main, f"--model={other}", f"--evaluation={evaluation}"
    )
    assert (code, out) == (2, "")
    assert err == f"export: {evaluation} is of {paths['model']}, not of {other}\n"


@pytest.mark.parametrize("made", [False], indirect=True)
def test_an_export_of_the_same_has_the_same_digest(made, tmp_path):
    model, artifact = made
    config = settings.from_dict(ExportConfig, artifact.config["export"])
    again = export.run(model, str(tmp_path / "again"), config, seed=0)
    files = [a.manifest["files"]["1/saved_model.pb"] for a in (artifact, again)]
    assert files[0] != files[1]  # functions are numbered by what a process did
    assert again.digest == artifact.digest
    assert artifacts.load(again.path, "export").digest == again.digest
    sampler = tiny_model.run_config(False).sample.sampler
    other = dataclasses.replace(sampler, step_size=49.0)
    changed = export.run(model, str(tmp_path / "other"), config, 0, other)
    assert changed.details["graph"] != artifact.details["graph"]


@pytest.mark.parametrize("made", [False], indirect=True)
@pytest.mark.parametrize("drops", [False, True])
@pytest.mark.parametrize(
    "moment",
    [
        "ebm_tf.energy.build.load_energy",
        "ebm_tf.export.saved_model.ServedEnergy._make_signatures",
        "ebm_tf.export.warmup.write_warmup",
    ],
)
def test_a_signal_in_any_phase_ends_it(
    made, tmp_path, monkeypatch, ended, moment, drops
):
    owner, _, name = moment.rpartition(".")
    owner = pkgutil.resolve_name(owner)
    work = getattr(owner, name)

    def signalled(*args, **kwargs):
        with contextlib.suppress(*([BaseException] if drops else [])):
            os.kill(os.getpid(), signal.SIGTERM)
        return work(*args, **kwargs)

    monkeypatch.setattr(owner, name, signalled)
    monkeypatch.setenv("BUILD_WORKING_DIRECTORY", str(tmp_path))
    model, _ = made
    code, out, err = ended(export_command.main, f"--model={model}", "--out=run")
    assert (code, out) == (143, "")
    again = f"export -- --model={model} --out=run"
    assert err.replace("'", "") == (
        f"export: ended by SIGTERM; go on with ./bazelw run //pipeline:{again}\n"
    )
    assert os.listdir(tmp_path) in ([], ["run"])
    assert not (tmp_path / "run" / "export").exists()
