"""A model that is not there yet."""

import json
import os
import shutil
import time

from pipeline.demo_page import watch


def test_a_model_that_comes_later_is_found(run_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(watch, "_SECONDS", 0.01)
    look = watch.Watch(str(tmp_path / "model"), None)
    look.load()
    assert look.found is None and "no model" in look.message
    damaged = shutil.copytree(run_folder / "model", tmp_path / "coming")
    manifest = json.loads((damaged / "manifest.json").read_text())
    text = json.dumps(manifest | {"format": 1000})
    (damaged / "manifest.json").write_text(text)
    with look:
        os.rename(damaged, tmp_path / "model")
        while "format" not in look.message:
            time.sleep(0.005)
        shutil.copy(run_folder / "model/manifest.json", tmp_path / "model")
        while look.found is None:
            time.sleep(0.005)
    assert look.found.shape == (8, 8, 1)
