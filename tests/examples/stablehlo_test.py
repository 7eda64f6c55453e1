"""The runner of StableHLO programs; runs where JAX is installed, which is optional."""

import sys

import numpy as np
import pytest
import tensorflow as tf

from ebm_tf.box import PIXELS
from ebm_tf.export import stablehlo
from ebm_tf.sampling.samplers import make_sampler
from examples import stablehlo_sample
from tests.ebm_tf.export import small


def test_jax_samples_what_tensorflow_does(tmp_path, monkeypatch, capsys):
    pytest.importorskip("jax")
    model, *_ = small.export(small.CONVNET, tmp_path)
    kernel_at = make_sampler(small.LANGEVIN, PIXELS)
    chain = {"num": 3, "num_steps": 4}
    folder = str(tmp_path / "stablehlo")
    stablehlo.export_stablehlo(model, kernel_at, PIXELS, folder, **chain)
    words = [f"--folder={folder}", f"--out={tmp_path}", "--seed=5"]
    monkeypatch.setattr(sys, "argv", ["stablehlo_sample", *words])
    stablehlo_sample.main()
    assert "second call: 3 images" in capsys.readouterr().out
    sample = stablehlo.sample_function(model, kernel_at, PIXELS, **chain)
    weights = [tf.convert_to_tensor(v) for v in model.variables]
    expected = sample(weights, tf.constant([5, 0]))
    got = np.load(tmp_path / "samples.npy")
    np.testing.assert_allclose(got, expected, atol=1e-4)


def test_a_folder_that_holds_no_program_is_named(tmp_path):
    pytest.importorskip("jax")
    with pytest.raises(FileNotFoundError, match="arguments.json"):
        stablehlo_sample.load(str(tmp_path))
