"""Who may come in; and the server as a process."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import urllib.request

import pytest

from pipeline.commands import demo
from pipeline.demo_page import server
from pipeline.serving import listening
from tests.pipeline.demo_page.visiting import hall_of, only, simulated


def test_who_comes_when_it_is_full_or_before_the_model_waits(images, thread):
    async def waits(user):
        await user.should_see("looks again by itself")
        assert line in only(user, marker="message").text

    with hall_of(images, thread, max_visitors=1) as hall:
        session, line = hall.enter(), "1 visitors are here"
        simulated(hall, waits)
        hall.leave(session)
        assert hall.refusal == ""
    with hall_of(None, thread) as hall:
        line = "There is no model at no such folder yet."
        simulated(hall, waits)


@pytest.fixture
def refused(capfd):
    """Returns `(*words) -> line`, which the command says before it exits with 2."""

    def run(*words):
        with pytest.raises(SystemExit) as error:
            demo.main(list(words))
        assert error.value.code == 2
        (line,) = capfd.readouterr().err.strip().splitlines()
        return line

    return run


def test_what_is_wrong_with_flags_and_models_is_one_line(refused, run_folder, tmp_path):
    assert "`--out` must be given, or --model" in refused()
    assert "the run folder does not exist" in refused(f"--out={tmp_path}/none")
    assert "there is no `model` at" in refused(f"--model={tmp_path}")
    out = f"--out={run_folder}"
    assert "`--max_work` must be at least 1" in refused(out, "--max_work=0")
    assert "`--max_visitors` must be at least 1" in refused(out, "--max_visitors=0")
    with listening.bound_socket("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        assert "`--port` must be free on 127.0.0.1" in refused(out, f"--port={port}")
    damaged = tmp_path / "damaged/model"
    shutil.copytree(run_folder / "model", damaged)
    content = bytearray((damaged / "model.keras").read_bytes())
    content[len(content) // 2] ^= 1
    (damaged / "model.keras").write_bytes(content)
    assert "was changed" in refused(f"--out={tmp_path}/damaged", "--port=0")


def test_it_serves_nothing_of_another_machine_and_ends_by_a_signal(tmp_path):
    code = "from pipeline.commands import start; start.run('demo')"
    process = subprocess.Popen(
        [sys.executable, "-c", code, f"--out={tmp_path}", "--port=0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    has_signal = False
    try:
        url = re.search(r"http://[\d.:]+", process.stdout.readline())[0]
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        page = opener.open(url).read().decode()
        assert "There is no model at" in page
        linked = re.findall(r"(?:src|href)=\"([^\"]+)|url\(\"([^\"]+)", page)
        linked = [one or other for one, other in linked]
        assert len(linked) > 5
        ours = ("/_nicegui/", "data:")
        assert [link for link in linked if not link.startswith(ours)] == []
        process.send_signal(signal.SIGTERM)
        has_signal = True
    finally:
        if not has_signal:
            process.kill()
        _, errors = process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert errors.strip().endswith("demo: ended by SIGTERM")
    assert os.listdir(tmp_path) == []  # the library keeps no notes here


def test_the_look_is_of_no_other_machine():
    folder = pathlib.Path(server.__file__).parent / "look"
    texts = [path.read_text() for path in folder.iterdir()]
    assert len(texts) == 2
    assert not re.search(r"https?:|@import", "".join(texts))
