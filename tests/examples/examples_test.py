"""Runs every example in smoke mode: tiny, but through the same lines."""

import os
import pathlib
import runpy

import pytest
from PIL import Image

EXAMPLES = [
    "examples.energy_landscape_2d",
    "examples.langevin_2d",
    "examples.train_2d",
]
# Programs around an exported model; the other files of this folder run them.
EXPORTED = {
    "examples.serving_client",
    "examples.stablehlo_program",
    "examples.stablehlo_sample",
    "examples.stablehlo_train",
}
# It needs a simulator; tests/examples/record_trajectories_test.py stands in for one.
RECORDING = {"examples.record_trajectories"}


def test_every_example_is_listed():
    folder = pathlib.Path(__file__).parents[2] / "examples"
    found = {f"examples.{path.stem}" for path in folder.glob("*.py")}
    assert found - {"examples.__init__"} - EXPORTED - RECORDING == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_runs_and_draws_its_picture(name, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EBM_TF_SMOKE", "1")
    monkeypatch.setenv("EBM_TF_OUT", str(tmp_path))
    runpy.run_module(name)
    picture = f"{name.removeprefix('examples.')}.png"
    assert os.listdir(tmp_path) == [picture]
    assert capsys.readouterr().out.endswith(f"wrote {tmp_path / picture}\n")
    with Image.open(tmp_path / picture) as image:
        width, height = image.size
        assert width > height > 400
        # More than a blank sheet: ink and ground both are there.
        darkest, lightest = image.convert("L").getextrema()
        assert darkest < 60 and lightest > 240
