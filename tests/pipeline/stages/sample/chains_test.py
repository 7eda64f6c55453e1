"""Samples by other samplers, by ensembles, and by the process of A.2."""

import dataclasses
import os
import shutil

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import PIXELS
from ebm_tf.energy.build import build_energy, load_energy
from ebm_tf.sampling.config import ProcessConfig
from ebm_tf.sampling.samplers.hmc import HmcSampler, StepAdaptation
from ebm_tf.sampling.samplers.mala import MalaSampler
from pipeline.commands import sample as sample_command
from pipeline.stages.sample import sample
from pipeline.stages.sample.chains import Chains
from pipeline.store import artifacts
from tests import tiny_model

# Of the scale at which the network's states move and some steps are rejected.
MALA = MalaSampler(num_steps=4, step_size=0.5, noise_std=0.1)
HMC = HmcSampler(
    num_steps=4,
    num_leapfrog=2,
    step_size=0.001,
    temperature=0.01,
    adapt=StepAdaptation(num_steps=30, target_accept=0.7),
)
PROCESS = ProcessConfig(
    capacity=4,
    num_rounds=6,
    steps_per_round=2,
    noise_factor=1.5,
    fresh_prob=0.2,
    flip_prob=0.5,
    num_flip_rounds=4,
    num_final_rounds=1,
)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return {
        kind: tiny_model.make(tmp_path_factory.mktemp(kind), kind == "conditional")
        for kind in ("plain", "conditional")
    }


def draw(model, out, conditional=False, seed=3, members=(), **changes):
    config = tiny_model.run_config(conditional).sample
    config = dataclasses.replace(config, **changes)
    return sample.run(model, str(out), config, seed, members)


def arrays(made):
    names = [name for name in made.manifest["files"] if name.endswith(".npy")]
    return {name: np.load(made.file(name)) for name in names}


@pytest.mark.parametrize(
    "kind, sampler", [("conditional", MALA), ("plain", HMC)], ids=["mala", "hmc"]
)
def test_samplers_that_reject_tell_how_often(models, kind, sampler, tmp_path):
    conditional = kind == "conditional"
    made = draw(models[kind], tmp_path / "samples", conditional, sampler=sampler)
    got = arrays(made)
    assert got["accept_prob.npy"].shape == (7,)
    assert np.all((got["accept_prob.npy"] > 0) & (got["accept_prob.npy"] <= 1))
    mean = float(got["accept_prob.npy"].mean())
    assert made.details["accept_prob"] == pytest.approx(mean)
    if sampler is HMC:
        assert made.details["step_size"] > 2 * HMC.step_size  # it was far too small
    strip = got["strip.npy"].astype(int)
    assert np.abs(strip[-1] - strip[0]).max() > 2


def test_langevin_chains_have_no_acceptance(models, tmp_path):
    made = draw(models["plain"], tmp_path / "samples")
    assert made.details["accept_prob"] is None and "step_size" not in made.details
    assert "accept_prob.npy" not in made.manifest["files"]


def test_a_pilot_is_not_run_again_by_who_goes_on(models, tmp_path, monkeypatch):
    whole = draw(models["plain"], tmp_path / "whole", sampler=HMC)
    append = sample._append

    def stop(files, group):
        append(files, group)
        raise KeyboardInterrupt

    monkeypatch.setattr(sample, "_append", stop)
    with pytest.raises(KeyboardInterrupt):
        draw(models["plain"], tmp_path / "samples", sampler=HMC)
    monkeypatch.undo()
    monkeypatch.setattr(Chains, "find_step_size", lambda *_: pytest.fail("again"))
    made = draw(models["plain"], tmp_path / "samples", sampler=HMC)
    assert made.digest == whole.digest


@pytest.mark.parametrize("kind", ["plain", "conditional"])
@pytest.mark.parametrize("start", ["noise", "replay"])
def test_the_process_makes_images_a_buffer_at_a_time(models, kind, start, tmp_path):
    conditional = kind == "conditional"
    request = {"process": PROCESS, "start": start}
    made = draw(models[kind], tmp_path / "samples", conditional, **request)
    got = arrays(made)
    assert got["samples.npy"].shape == (7, *tiny_model.SHAPE)
    fewer = draw(models[kind], tmp_path / "few", conditional, num_samples=3, **request)
    few = arrays(fewer)
    np.testing.assert_array_equal(few["samples.npy"], got["samples.npy"][:3])
    # Energies are those of the images under the labels that are noted.
    energy = load_energy(os.path.join(models[kind], "model.keras"))
    inputs = [PIXELS.center(got["samples.npy"])]
    if conditional:
        inputs.append(got["labels.npy"])
        in_turn = np.arange(7) % 3
        assert np.any(got["labels.npy"] != in_turn)  # some were flipped
    np.testing.assert_allclose(got["energies.npy"], energy(*inputs), atol=0.02)
    assert got["strip.npy"].shape == (3, 2, *tiny_model.SHAPE)


@pytest.fixture(scope="module")
def member(models, tmp_path_factory):
    """Another model of the same network, its weights from another seed."""
    folder = tmp_path_factory.mktemp("member")
    trained = artifacts.peek(models["plain"], "model")
    path = str(folder / "model")
    with artifacts.writing(path, "model", trained.config, {}, seed=1) as scratch:
        config = tiny_model.run_config(False).energy
        energy = build_energy(config, tiny_model.SHAPE, seed=9)
        energy.save(os.path.join(scratch.folder, "model.keras"))
        scratch.details.update(trained.details)
    return path


@pytest.mark.parametrize("rule", ["mean", "random"])
def test_an_ensemble_is_sampled_by_its_rule(models, member, rule, tmp_path):
    alone = draw(models["plain"], tmp_path / "alone")
    made = draw(models["plain"], tmp_path / rule, members=[member], ensemble=rule)
    got = arrays(made)
    assert np.any(got["samples.npy"] != arrays(alone)["samples.npy"])
    assert set(made.manifest["inputs"]) == {"model", "member.1"}
    x = PIXELS.center(got["samples.npy"])
    paths = (models["plain"], member)
    members = [load_energy(os.path.join(path, "model.keras"))(x) for path in paths]
    assert np.abs(members[0] - members[1]).min() > 0.1
    mean = (members[0] + members[1]) / 2.0
    np.testing.assert_allclose(got["energies.npy"], mean, atol=0.02)


def test_a_checkpoint_of_a_model_is_a_member(models, member, tmp_path):
    """Here the checkpoint holds the weights of another model, to be told by."""
    path = tmp_path / "model"
    shutil.copytree(models["plain"], path)
    weights = load_energy(os.path.join(member, "model.keras")).variables
    named = tf.train.Checkpoint(energy={v.path: v.value for v in weights})
    named.write(str(path / "checkpoints" / "ckpt-3"))
    checkpoint = str(path / "checkpoints" / "ckpt-3")
    made = draw(models["plain"], tmp_path / "a", members=[checkpoint])
    same = draw(models["plain"], tmp_path / "b", members=[member])
    np.testing.assert_array_equal(
        arrays(made)["samples.npy"], arrays(same)["samples.npy"]
    )
    assert set(made.manifest["inputs"]) == {"model", "member.1.ckpt-3"}
    missing = str(path / "checkpoints" / "ckpt-4")
    with pytest.raises(FileNotFoundError, match="checkpoint does not exist: .*ckpt-4"):
        draw(models["plain"], tmp_path / "c", members=[missing])
    tf.train.Checkpoint(energy={}).write(missing)
    with pytest.raises(ValueError, match="ckpt-4 is no checkpoint of this network"):
        draw(models["plain"], tmp_path / "c", members=[missing])


def test_models_of_different_kinds_are_no_ensemble(models, tmp_path):
    with pytest.raises(ValueError, match="`member` must be of .*'condition': 'None'"):
        draw(models["plain"], tmp_path / "samples", members=[models["conditional"]])
    assert not (tmp_path / "samples").exists()


def test_the_command_takes_a_sampler_and_members(models, member, tmp_path, capsys):
    sampler = '{"kind":"mala","num_steps":2,"step_size":0.5,"noise_std":0.1}'
    sample_command.main(
        [
            f"--model={models['plain']}",
            f"--member={member}",
            f"--out={tmp_path}",
            "--num=2",
            f"--set=sample.sampler={sampler}",
            "--set=sample.ensemble=random",
        ]
    )
    assert capsys.readouterr().out.endswith(f"sample: wrote {tmp_path}/samples\n")
    made = artifacts.load(str(tmp_path / "samples"), "samples")
    assert made.config["sampler"]["kind"] == "mala"
    assert 0.0 < made.details["accept_prob"] <= 1.0
