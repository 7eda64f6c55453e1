"""What `import ebm_tf` gives, and what it does not import for that."""

import subprocess
import sys

import pytest

import ebm_tf

LISTS = """
import sys
sys.path[:0] = {path!r}
import ebm_tf
for registry in (ebm_tf.energies, ebm_tf.objectives, ebm_tf.samplers, ebm_tf.data_sets):
    print(len(registry.kinds()) > 1)
print("digits" in ebm_tf.presets.names(), ebm_tf.presets.train("digits").num_updates)
print("tensorflow" in sys.modules, "keras" in sys.modules)
"""


def test_listing_what_there_is_imports_no_tensorflow():
    ran = subprocess.run(
        [sys.executable, "-c", LISTS.format(path=sys.path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == [*["True"] * 5, "1500", "False", "False"]


def test_every_name_is_there_and_listed():
    for name in ebm_tf.__all__:
        assert name in dir(ebm_tf)
        assert getattr(ebm_tf, name) is getattr(ebm_tf, name)


def test_other_names_are_not():
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = ebm_tf.nothing
