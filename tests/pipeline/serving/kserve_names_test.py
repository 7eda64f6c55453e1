"""KServe takes no word of a command line that is not its own."""

import os
import subprocess
import sys


def test_words_of_the_command_stay_its_own():
    code = "import sys; from pipeline.serving import kserve_names; print(sys.argv[1:])"
    words = ["--http_port=none", "--model=DIR"]  # KServe would refuse the first
    process = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.returncode == 0, process.stderr
    assert process.stdout.strip() == str(words)
