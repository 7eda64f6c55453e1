"""The command `board` serves what a run has logged."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

import pytest
import tensorflow as tf

from pipeline import board_main


def test_board_serves_the_runs_of_a_folder(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path / "logs" / "train"))
    with writer.as_default(step=3):
        tf.summary.scalar("energy/gap", 0.5)
    writer.close()
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from pipeline import board_main; board_main.main()",
            f"--logdir={tmp_path}",
            "--port=0",
        ],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        lines = iter(process.stderr.readline, "")
        found = (re.search(r"http://localhost:\d+/", line) for line in lines)
        url = next(match for match in found if match)[0]
        # No proxy, whatever the environment says: the server is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        tags = {}
        while not tags:  # files are read in the background
            with opener.open(f"{url}data/plugin/scalars/tags", timeout=60) as answer:
                tags = json.load(answer)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert {run: set(found) for run, found in tags.items()} == {
        "logs/train": {"energy/gap"}
    }
    assert process.returncode == 143


@pytest.mark.parametrize(
    "args, text",
    [
        (["--logdir=/no/such"], "the folder of logs does not exist: /no/such"),
        (["--logdir=/", "--port=65536"], "`port` must be below 65536"),
        (["--logdir=/", "--port=x"], "--port=x"),
    ],
)
def test_bad_request_is_one_line(ended, args, text):
    code, out, err = ended(board_main.main, *args)
    assert (code, out) == (2, "")
    assert err.startswith("board: ") and err.count("\n") == 1
    assert text in err
