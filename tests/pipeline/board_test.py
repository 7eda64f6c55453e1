"""The command `board` serves what a run has logged."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest
import tensorflow as tf

from pipeline.commands import board as board_command

pytestmark = pytest.mark.shard_group("whole_run")


def _serve(folder, ask, signum=signal.SIGTERM):
    """Starts the command, returns what `ask` makes of its pages."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from pipeline.commands import board; board.main()",
            f"--logdir={folder}",
            "--port=0",
        ],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    # No proxy, whatever the environment says: the server is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        lines = iter(process.stderr.readline, "")
        found = (re.search(r"http://localhost:\d+/", line) for line in lines)
        url = next(match for match in found if match)[0]

        def get(page, body=None):
            request = urllib.request.Request(
                f"{url}data/plugin/{page}",
                None if body is None else json.dumps(body).encode(),
                {"Content-Type": "application/json"},
            )
            with opener.open(request) as answer:
                return json.load(answer)

        answer = None
        while not answer:  # files are read in the background
            answer = ask(get)
    finally:
        process.send_signal(signum)
        process.communicate()
    assert process.returncode == 128 + signum
    return answer


def test_board_serves_the_runs_of_a_folder(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path / "logs" / "train"))
    with writer.as_default(step=3):
        tf.summary.scalar("energy/gap", 0.5)
    writer.close()
    tags = _serve(tmp_path, lambda get: get("scalars/tags"), signal.SIGINT)
    assert {run: set(found) for run, found in tags.items()} == {
        "logs/train": {"energy/gap"}
    }


def test_a_run_is_seen_whole(whole_run):
    """Stages by name, pictures with steps, pages of curves, a row of settings."""
    folder, _ = whole_run

    def ask(get):
        scalars, images = get("scalars/tags"), get("images/tags")
        if not {"logs/train", "logs/evaluate"} <= set(scalars) or len(images) < 3:
            return None
        steps = get("images/images?tag=samples/replay&run=logs/train&sample=0")
        rows = get(
            "hparams/session_groups",
            {
                "experimentName": "",
                "colParams": [],
                "startIndex": 0,
                "sliceSize": 9,
                "allowedStatuses": [
                    *("STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_RUNNING")
                ],
            },
        )
        return scalars, images, steps, get("custom_scalars/layout"), rows

    scalars, images, steps, layout, rows = _serve(folder, ask)
    assert set(images) == {"logs/train", "logs/sample", "logs/evaluate"}
    assert "energy/gap" in scalars["logs/train"]
    assert "evaluate/nearest_distance/samples" in scalars["logs/evaluate"]
    assert [picture["step"] for picture in steps] == [4]
    pages = [page["title"] for page in layout["category"]]
    assert pages == ["Training", "Chains", "Evaluation", "Speed"]
    (row,) = rows["sessionGroups"]
    assert row["hparams"]["train.num_updates"] == 4
    found = {metric["name"]["tag"] for metric in row["metricValues"]}
    assert {"energy/gap", "evaluate/nearest_distance/samples"} <= found


def test_a_taken_port_is_one_line(ended, tmp_path):
    with socket.create_server(("", 0)) as taken:
        port = taken.getsockname()[1]
        args = f"--logdir={tmp_path}", f"--port={port}"
        code, out, err = ended(board_command.main, *args)
    assert (code, out) == (2, "")
    assert err.startswith(f"board: no page at port {port}: ") and err.count("\n") == 1


@pytest.mark.parametrize(
    "args, text",
    [
        (["--logdir=/no/such"], "the folder of logs does not exist: /no/such"),
        ([f"--logdir={__file__}"], "`--logdir` must be a folder. Received: "),
        (
            ["--logdir=/", "--port=65536"],
            "65536 is not an integer in the range [0, 65535]",
        ),
        (["--logdir=/", "--port=x"], "--port=x"),
    ],
)
def test_bad_request_is_one_line(ended, args, text):
    code, out, err = ended(board_command.main, *args)
    assert (code, out) == (2, "")
    assert err.startswith("board: ") and err.count("\n") == 1
    assert text in err
