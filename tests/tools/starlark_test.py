"""Tests of `tools.starlark`: the expected texts are what buildifier leaves alone."""

from tools import starlark


def test_one_item_stays_on_its_line_and_empty_values_are_left_out():
    text = starlark.call(
        "py_library", name="a", testonly=True, srcs=["a.py"], data=None, deps=[]
    )
    assert text == (
        'py_library(\n    name = "a",\n    testonly = True,\n    srcs = ["a.py"],\n)\n'
    )


def test_labels_are_sorted_own_folder_first_and_packages_last():
    deps = ["@pypi//numpy", "//b:c", "//:tensorflow", ":z", "//b/a:d", ":z"]
    text = starlark.call("py_library", deps=deps)
    lines = [line.strip(' ",') for line in text.splitlines()[2:-2]]
    assert lines == [":z", "//:tensorflow", "//b:c", "//b/a:d", "@pypi//numpy"]


def test_glob_is_not_a_string():
    text = starlark.call("filegroup", srcs=starlark.glob("*.json"))
    assert text == 'filegroup(\n    srcs = glob(["*.json"]),\n)\n'
