"""The page in NiceGUI's simulation of a browser, and its server as a process."""

import asyncio
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest
from nicegui import ElementFilter, ui
from nicegui.testing import user_simulation

from pipeline.commands import demo
from pipeline.demo import drawing, server, watch
from pipeline.serving import listening


@contextlib.contextmanager
def hall_of(subject, thread, **bounds):
    look = watch.Watch("no such folder", None)
    look.load()
    look.found = subject
    bounds = {"max_visitors": 3, "max_work": 100_000} | bounds
    yield server.Hall(look, thread, **bounds)


def simulated(hall, scenario):
    """Runs `scenario(user)` for a visitor of the page."""
    failures = []

    async def run():
        async with user_simulation(lambda: server.visit(hall)) as user:
            await user.open("/")
            try:
                await scenario(user)
            except Exception as error:  # the simulation would never end
                failures.append(error)

    asyncio.run(run())
    for failure in failures:
        raise failure


async def until(condition):
    while not condition():
        await asyncio.sleep(0.02)


def only(user, **which):
    """Returns the one element of the page."""
    with user:
        (found,) = ElementFilter(**which)
    return found


def moment(user):
    return only(user, marker="moment").text


def test_it_opens_samples_and_changes_with_a_control(images, thread):
    async def scenario(user):
        await until(lambda: "step 4 of 4" in moment(user))
        first = moment(user)
        (place,) = user.find(marker="pictures").elements
        assert len(place.default_slot.children) == 16
        only(user, marker="num_steps").value = 3.0
        await until(lambda: "step 3 of 3" in moment(user))
        only(user, marker="num_steps").value = 4.0
        await until(lambda: moment(user) == first)
        user.find(marker="new-seed").click()
        await until(lambda: "step 4 of 4" in moment(user) and moment(user) != first)
        assert only(user, marker="seed").value == 1
        only(user, marker="sampler").value = "hmc"
        await until(lambda: "% accepted" in moment(user))
        only(user, marker="num_steps").value = -3.0
        await until(lambda: only(user, marker="message").text)
        assert "`num_steps` must be at least 1" in only(user, marker="message").text

    with hall_of(images, thread) as hall:
        simulated(hall, scenario)


def test_two_classes_and_a_mask(levels, thread):
    async def scenario(user):
        await until(lambda: "step 5 of 5" in moment(user))
        assert "noise level 0.02" in moment(user)
        first = moment(user)
        only(user, marker="rule").value = "and"
        assert only(user, marker="second").visible
        await until(lambda: "step 5 of 5" in moment(user) and moment(user) != first)
        (session,) = hall._sessions
        assert session.asked().label == 0 and session.asked().second == 1
        only(user, marker="rule").value = None
        user.find(marker="picture-2").click()
        assert session.canvas.is_taken
        session.paint("1" * 8 + "0" * 56)
        await until(lambda: "step 5 of 5" in moment(user))
        assert session.asked().hole.is_unknown.sum() == 8
        assert session.asked().sampler.corrections == 3

    with hall_of(levels, thread) as hall:
        simulated(hall, scenario)


def test_points_are_on_their_landscape(points, thread):
    async def scenario(user):
        await until(lambda: "step 6 of 6" in moment(user))
        assert "colors from" in moment(user)
        (circles,) = [e for e in only_plane(user) if isinstance(e, ui.html)]
        assert 1 <= circles.content.count("<circle") <= 64

    with hall_of(points, thread) as hall:
        simulated(hall, scenario)


def only_plane(user):
    (plane,) = user.find(marker="plane").elements
    return plane.default_slot.children


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


def test_drawings():
    land = np.add.outer(np.arange(4.0), np.arange(4.0))
    low, high = drawing.shown_range(land)
    assert low == 0.0 and 3.0 <= high < 6.0
    assert drawing.shown_range(np.full((2, 2), np.nan)) == (0.0, 0.0)
    corners = np.float32([[0, 0], [1, 2], [5, 5]])  # the last one is out of sight
    text = drawing.particles(corners, np.zeros(2), np.float32([2, 2]))
    assert re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', text) == [
        ("0.00", "100.00"),
        ("50.00", "0.00"),
    ]
    made = drawing.energy_chart([0, 5], np.ones((2, 40)), at=5, num_steps=9)
    assert len(made["series"]) == 17 and made["xAxis"]["max"] == 9
    assert made["series"][-1]["data"] == [[0, 1.0], [5, 1.0]]


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
