"""The command `serve` as a process: it begins, is refused, and drains."""

import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import urllib.request

import numpy as np
import pytest
from PIL import Image

from examples import serving_client
from pipeline.commands import serve
from pipeline.serving import listening
from tests.pipeline.serving import conftest


@pytest.fixture
def refused(capfd):
    """Returns `(*words) -> line`, which the command says before it exits with 2."""

    def run(*words):
        with pytest.raises(SystemExit) as error:
            serve.main(list(words))
        assert error.value.code == 2
        (line,) = capfd.readouterr().err.strip().splitlines()
        return line

    return run


def test_what_is_wrong_with_flags_and_folders_is_one_line(
    refused, run_folder, tmp_path
):
    assert "`--out` must be given, or --export" in refused()
    assert "there is no `export` at" in refused(f"--out={tmp_path}")
    out = f"--out={run_folder}"
    assert "`--batch_size` must be at most" in refused(out, "--batch_size=100000")
    assert "`--deadline` must be at least 1" in refused(out, "--deadline=0")
    host = refused(out, "--port=0", "--host=no.such.host.invalid")
    assert "`--host` must be an address of this machine" in host
    with listening.bound_socket("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        assert "`--port` must be free on 127.0.0.1" in refused(out, f"--port={port}")


def test_an_export_that_is_damaged_or_of_a_newer_format_is_refused(
    refused, run_folder, tmp_path
):
    damaged = tmp_path / "damaged/export"
    shutil.copytree(run_folder / "export", damaged)
    variables = damaged / "1/variables/variables.data-00000-of-00001"
    content = bytearray(variables.read_bytes())
    content[len(content) // 2] ^= 1
    variables.write_bytes(content)
    assert "was changed" in refused(f"--out={tmp_path}/damaged")
    newer = tmp_path / "newer/export"
    shutil.copytree(run_folder / "export", newer)
    manifest = json.loads((newer / "manifest.json").read_text())
    text = json.dumps(manifest | {"format": 1000})
    pathlib.Path(newer, "manifest.json").write_text(text)
    assert "format" in refused(f"--export={newer}")


def test_it_serves_the_client_and_drains(run_folder, tmp_path, monkeypatch, capsys):
    code = "from pipeline.commands import start; start.run('serve')"
    process = subprocess.Popen(
        [sys.executable, "-c", code, f"--out={run_folder}", "--port=0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    has_signal = False
    try:
        url = re.search(r"http://[\d.:]+", process.stdout.readline())[0]
        words = [f"--url={url}", "--num=2", "--num_steps=3", "--label=1"]
        monkeypatch.setattr(sys, "argv", ["serving_client", *words])
        monkeypatch.setenv("EBM_TF_OUT", str(tmp_path))
        serving_client.main()
        assert "after 6 steps: mean energy" in capsys.readouterr().out
        with Image.open(tmp_path / "serving_client.png") as picture:
            assert picture.size == (2 * 8 * 4, 2 * 8 * 4)
        monkeypatch.setattr(sys, "argv", ["serving_client", *words, "--label=9"])
        with pytest.raises(SystemExit, match="serving_client: draw: `labels` must be"):
            serving_client.main()
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(_draw, url, number) for number in range(8)]
            conftest.until(lambda: _waiting(url))  # the model has work for some time
            process.send_signal(signal.SIGTERM)
            has_signal = True
            images = [each.result() for each in asked]
    finally:
        if not has_signal:
            process.kill()
        _, errors = process.communicate()
    assert [image.shape for image in images] == [(40, 8, 8, 1)] * 8
    assert np.abs(images[0] - images[1]).max() > 0.05
    assert process.returncode == 128 + signal.SIGTERM
    assert errors.strip().endswith("serve: ended by SIGTERM")


def _draw(url, number):
    seeds = [[number, k] for k in range(40)]
    labels, steps = [0] * 40, 10
    inputs = {"seeds": seeds, "labels": labels, "num_steps": steps}
    return serving_client.infer(url, "draw", **inputs)["images"]


def _waiting(url) -> bool:
    with urllib.request.urlopen(f"{url}/metrics") as reply:
        found = re.search(r"ebm_waiting_requests ([\d.]+)", reply.read().decode())
    return float(found[1]) >= 6
