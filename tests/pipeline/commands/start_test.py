"""Signals from the first moment of a command, before it has loaded what it needs."""

import os
import signal
import subprocess
import sys

import pytest

from pipeline.commands import start

# A signal comes when the command is about to import the module of that name.
SIGNALLED = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            os.kill(os.getpid(), int(number))

from pipeline.commands import start
sys.meta_path.insert(0, Finder())
module, number = sys.argv[1:3]
sys.argv[1:] = ["--help"]
"""


def ended(script, *args):
    process = subprocess.run(
        [sys.executable, "-c", script, *map(str, args)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    return process.returncode, process.stdout, process.stderr


@pytest.mark.parametrize(
    "number, code, text",
    [(signal.SIGTERM, 143, "ended by SIGTERM"), (signal.SIGINT, 130, "interrupted")],
)
@pytest.mark.parametrize("module", ["pipeline.commands.train", "absl", "cattrs"])
def test_a_signal_while_modules_are_loaded_is_one_line(module, number, code, text):
    script = SIGNALLED.replace("sys.argv[1]", "name").replace(
        "int(number)", "int(number)"
    )
    found = ended(script + "start.run('train')\n", module, int(number))
    assert found == (code, "", f"train: {text}; go on with the same command\n")


def test_it_is_the_command():
    script = "import sys; from pipeline.commands import start; start.run('lineage')"
    code, out, err = ended(script, "--help")
    assert (code, err) == (0, "") and out.startswith("lineage: ")
    code, out, err = ended(script, "--no_such_flag")
    assert (code, out) == (2, "") and err.startswith("lineage: Unknown command line")


def test_a_script_of_an_installation_finds_it_by_name():
    script = "from pipeline.commands.start import lineage; lineage()"
    assert ended(script, "--help")[1].startswith("lineage: ")
    with pytest.raises(AttributeError, match="__path__"):
        start.__path__  # noqa: B018
