"""Importing TensorFlow says nothing, and hides no warning."""

import os
import subprocess
import sys

SCRIPT = """
import os, sys
from pipeline.console import tensorflow_import
class Warns:
    def find_spec(self, name, path=None, target=None):
        if name == "tensorflow":
            sys.meta_path.remove(self)  # finders may ask one another
            os.write(2, b"W0000 a warning\\n")
sys.meta_path.insert(0, Warns())
tensorflow_import.import_tensorflow()
os.write(2, b"after\\n")
import tensorflow
assert tensorflow.constant(1) == 1
"""


FOLLOWED = """
import sys
from pipeline.console import tensorflow_import

def told(word):
    action = lambda: print(word, "tensorflow" in sys.modules)
    return tensorflow_import.followed_by(action)

with told("unused"):
    pass
with told("first"):
    print("before")
    tensorflow_import.import_tensorflow()
    tensorflow_import.import_tensorflow()
    print("after")
with told("at once"):
    print("within")
"""


def test_an_action_follows_the_import_once():
    found = subprocess.run(
        [sys.executable, "-c", FOLLOWED],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert found.stdout.splitlines() == [
        "before",
        "first True",
        "after",
        "at once True",
        "within",
    ]


def test_only_warnings_pass():
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        stderr=subprocess.PIPE,
        text=True,
        check=True,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(sys.path), "TF_CPP_MIN_LOG_LEVEL": "2"},
    )
    # The order of a buffered and an unbuffered line is not what this is about.
    assert sorted(found.stderr.splitlines()) == ["W0000 a warning", "after"]
