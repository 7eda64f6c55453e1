import dataclasses
import json
import os
import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from ebm_tf import rng
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import bind_condition, load_energy
from ebm_tf.sampling.langevin import langevin_chain
from pipeline.commands import sample as sample_command
from pipeline.stages.sample import files, sample
from pipeline.store import artifacts
from tests import tiny_model

ROOT = pathlib.Path(__file__).parents[4]


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "conditional"])
def conditional(request):
    return request.param


@pytest.fixture(scope="module")
def model(conditional, tmp_path_factory):
    return tiny_model.make(tmp_path_factory.mktemp("run"), conditional)


@pytest.fixture(scope="module")
def plain_model(tmp_path_factory):
    return tiny_model.make(tmp_path_factory.mktemp("plain"), conditional=False)


@pytest.fixture(scope="module")
def drawn(plain_model, tmp_path_factory):
    """Samples of the plain model, by the settings of `sample_config` and seed 0."""
    path = tmp_path_factory.mktemp("drawn") / "samples"
    return sample.run(plain_model, str(path), sample_config(), seed=0)


def sample_config(conditional=False, **changes):
    config = tiny_model.run_config(conditional).sample
    return dataclasses.replace(config, **changes)


def arrays(artifact):
    names = [name for name in artifact.manifest["files"] if name.endswith(".npy")]
    return {name: np.load(artifact.file(name)) for name in names}


def test_images_are_the_chains_from_noise(model, conditional, tmp_path):
    config = sample_config(conditional)
    made = sample.run(model, str(tmp_path / "samples"), config, seed=3)
    got = arrays(made)
    energy = load_energy(os.path.join(model, "model.keras"))
    for index in range(3):
        batch_seed = rng.fold_in(rng.make_seed(3), index)
        noise_seed, chain_seed = rng.split(batch_seed, 2)
        x = PIXELS.uniform(noise_seed, (3, *tiny_model.SHAPE))
        labels = None
        if conditional:
            labels = tf.range(3 * index, 3 * index + 3) % 3
        energy_fn = bind_condition(energy, labels)
        chain = tf.function(langevin_chain, autograph=False)
        end = chain(energy_fn, x, chain_seed, config.sampler, PIXELS)
        rows = slice(3 * index, min(3 * index + 3, 7))
        size = rows.stop - rows.start
        levels = PIXELS.encode(end)[:size].numpy().astype(int)
        # Compiled in other pieces, a sum may round otherwise: one level at most.
        assert np.abs(got["samples.npy"][rows] - levels).max() <= 1
        np.testing.assert_allclose(
            got["energies.npy"][rows], energy_fn(end)[:size], rtol=1e-4, atol=1e-5
        )
        moved = np.abs(levels - PIXELS.encode(x)[:size].numpy().astype(int))
        assert moved.max() > 10  # the chain goes somewhere


def test_the_artifact_holds_arrays_pictures_and_facts(model, conditional, tmp_path):
    config = sample_config(conditional)
    made = sample.run(model, str(tmp_path / "samples"), config, seed=0)
    got = arrays(made)
    assert got["samples.npy"].shape == (7, *tiny_model.SHAPE)
    assert got["samples.npy"].dtype == np.uint8
    assert got["energies.npy"].dtype == np.float32
    assert ("labels.npy" in got) == conditional
    if conditional:
        np.testing.assert_array_equal(got["labels.npy"], [0, 1, 2, 0, 1, 2, 0])
        assert got["labels.npy"].dtype == np.int32
    # The strips end where the first samples are.
    assert got["strip.npy"].shape == (3, 2, *tiny_model.SHAPE)
    np.testing.assert_array_equal(got["strip.npy"][-1], got["samples.npy"][:2])
    assert made.manifest["notes"]["strip_steps"] == [0, 2, 4]
    assert made.details["num_classes"] == (3 if conditional else None)
    assert made.details["mean_energy"] == pytest.approx(got["energies.npy"].mean())
    for name in ("grid.png", "strip.png", "strip.gif"):
        with Image.open(made.file(name)) as picture:
            assert min(picture.size) > 16
    assert set(os.listdir(made.path)) == {*made.manifest["files"], "manifest.json"}
    assert os.listdir(tmp_path / "logs" / "sample")


def test_what_is_shown_makes_nothing_anew(plain_model, drawn, tmp_path, capsys):
    path, first = drawn.path, drawn
    shown = sample_config(png_files=True, num_strips=1, strip_frames=2)
    capsys.readouterr()
    assert sample.run(plain_model, path, shown, seed=0) == first
    assert capsys.readouterr().out.startswith(f"sample: {path} is there already")
    other = sample.run(plain_model, str(tmp_path / "other"), shown, seed=0)
    assert other.digest == first.digest
    names = {name for name in other.manifest["files"] if name.startswith("png/")}
    assert len(names) == 7  # verified, though no part of the digest
    assert other.manifest["shown_files"] == ["png/*", "grid.png", "strip.*"]


def test_samples_that_were_begun_are_shown_as_they_are_asked_for_last(
    plain_model, drawn, tmp_path, monkeypatch
):
    path, append = str(tmp_path / "samples"), files.SampleFiles.append

    def stop_at_second(self, **rows):
        if self.num_done:
            raise KeyboardInterrupt
        append(self, **rows)

    monkeypatch.setattr(files.SampleFiles, "append", stop_at_second)
    with pytest.raises(KeyboardInterrupt):
        sample.run(plain_model, path, sample_config(), seed=0)
    monkeypatch.undo()
    shown = sample_config(png_files=True, strip_frames=2)
    made = sample.run(plain_model, path, shown, seed=0)
    assert len(os.listdir(made.file("png"))) == 7
    assert len(np.load(made.file("strip.npy"))) == 3  # of the first request
    assert made.manifest["notes"]["strip_steps"] == [0, 2, 4]
    assert made.digest == drawn.digest


def test_each_image_is_a_file_if_asked_for(plain_model, tmp_path):
    config = sample_config(png_files=True, num_samples=4)
    made = sample.run(plain_model, str(tmp_path / "samples"), config, seed=0)
    names = sorted(os.listdir(made.file("png")))
    assert names == [f"{number:06d}.png" for number in range(4)]
    for name, image in zip(names, np.load(made.file("samples.npy")), strict=True):
        with Image.open(made.file(f"png/{name}")) as picture:
            np.testing.assert_array_equal(np.asarray(picture), image[..., 0])


def test_the_manifest_says_how_the_first_chains_went(plain_model, tmp_path, capsys):
    config = sample_config()
    sampler = dataclasses.replace(config.sampler, num_steps=8)
    config = dataclasses.replace(config, sampler=sampler, strip_frames=2)
    made = sample.run(plain_model, str(tmp_path / "samples"), config, seed=0)
    found = made.details["chains"]
    assert (found["num"], found["looks"]) == (3, 5)
    strip = np.load(made.file("strip.npy")).astype(float) / 256
    # The strip shows two of the three chains, rounded.
    moved = np.abs(strip[-1] - strip[0]).mean()
    assert 0.5 * moved < found["movement"] < 2.0 * moved
    assert found["r_hat"] > 1.0 and found["energy_ess"] > 0
    assert "R-hat of the energy" in capsys.readouterr().out


def test_fewer_samples_are_the_first_of_more(plain_model, drawn, tmp_path):
    made = {
        num: sample.run(
            plain_model,
            str(tmp_path / str(num)),
            sample_config(num_samples=num),
            seed=0,
        )
        for num in (1, 4)
    }
    full = np.load(drawn.file("samples.npy"))
    assert len(full) == 7
    for num in (1, 4):
        fewer = np.load(made[num].file("samples.npy"))
        np.testing.assert_array_equal(fewer, full[:num])
    assert np.load(made[1].file("strip.npy")).shape[:2] == (3, 1)


def test_a_seed_decides_the_images(plain_model, drawn, tmp_path):
    images = [
        np.load(
            sample.run(plain_model, str(tmp_path / name), sample_config(), seed).file(
                "samples.npy"
            )
        )
        for name, seed in (("a", 0), ("b", 6))
    ]
    np.testing.assert_array_equal(images[0], np.load(drawn.file("samples.npy")))
    assert (images[0] != images[1]).mean() > 0.5


def test_the_same_request_again_is_answered_without_tensorflow(plain_model, drawn):
    out, first = drawn.path, drawn
    code = (
        "import sys\nfrom pipeline.stages.sample import sample\n"
        "from tests import tiny_model\n"
        "config = tiny_model.run_config(False).sample\n"
        "print(sample.run(sys.argv[1], sys.argv[2], config, 0).digest)\n"
        "assert 'tensorflow' not in sys.modules and 'matplotlib' not in sys.modules\n"
    )
    again = subprocess.run(
        [sys.executable, "-c", code, plain_model, out],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "is there already" in again.stdout
    assert again.stdout.split()[-1] == first.digest


def test_samples_of_another_request_are_refused(plain_model, drawn):
    out = drawn.path
    with pytest.raises(ValueError, match="num_samples was 7, asked 8"):
        sample.run(plain_model, out, sample_config(num_samples=8), seed=0)
    with pytest.raises(ValueError, match="seed was 0, asked 1"):
        sample.run(plain_model, out, sample_config(), seed=1)


def test_a_missing_model_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no `model` at"):
        sample.run(
            str(tmp_path / "model"), str(tmp_path / "samples"), sample_config(), 0
        )
    assert os.listdir(tmp_path) == []


def test_killed_and_asked_again_it_goes_on_with_the_same_images(plain_model, tmp_path):
    """SIGKILL in the middle; then the same request, in this process."""
    config = sample_config(num_samples=10)
    out, partial = tmp_path / "samples", tmp_path / "samples.partial"
    code = (
        "import dataclasses, os, signal, sys\n"
        "from pipeline.stages.sample import files, sample\n"
        "from tests import tiny_model\n"
        "append = files.SampleFiles.append\n"
        "def append_and_end(self, **rows):\n"
        "    append(self, **rows)\n"
        "    if self.num_done == 6: os.kill(os.getpid(), signal.SIGKILL)\n"
        "files.SampleFiles.append = append_and_end\n"
        "config = tiny_model.run_config(False).sample\n"
        "config = dataclasses.replace(config, num_samples=10)\n"
        "sample.run(sys.argv[1], sys.argv[2], config, 0)\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code, plain_model, str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert process.returncode == -signal.SIGKILL, process.stderr
    done = json.loads((partial / "progress.json").read_text())["num_done"]
    assert done == 6 and not out.exists()
    before = np.load(partial / "samples.npy")[:done]
    resumed = sample.run(plain_model, str(out), config, seed=0)
    assert not partial.exists()
    whole = sample.run(plain_model, str(tmp_path / "whole"), config, seed=0)
    np.testing.assert_array_equal(np.load(resumed.file("samples.npy"))[:done], before)
    assert resumed.digest == whole.digest


def test_the_command_takes_num_and_set(plain_model, tmp_path, capsys):
    sample_command.main(
        [
            f"--model={plain_model}",
            f"--out={tmp_path}",
            "--num=4",
            "--set=sample.sampler.num_steps=2",
            "--seed=1",
        ]
    )
    assert capsys.readouterr().out.endswith(f"sample: wrote {tmp_path}/samples\n")
    made = artifacts.load(str(tmp_path / "samples"), "samples")
    assert made.config["num_samples"] == 4 and made.seed == 1
    assert made.manifest["notes"]["strip_steps"] == [0, 1, 2]


@pytest.mark.parametrize(
    "flag, message",
    [
        ("--num=0", "`sample.num_samples` must be at least 1. Received: num_samples=0"),
        ("--num=many", "num"),
        ("--set=sample.strip_frames=6", "`sample.strip_frames` must be at most 5"),
    ],
)
def test_bad_flags_end_in_one_line(plain_model, tmp_path, capsys, flag, message):
    with pytest.raises(SystemExit) as exit_info:
        sample_command.main(
            [f"--model={plain_model}", f"--out={tmp_path / 'run'}", flag]
        )
    error = capsys.readouterr().err
    assert exit_info.value.code == 2
    assert error.count("\n") == 1 and error.startswith("sample: ") and message in error
    assert not (tmp_path / "run").exists()
