"""Every refusal is one line: the argument, the rule, the value."""

import pytest

from ebm_tf import checks


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (
            lambda: checks.require(False, "size", "even", 3),
            "`size` must be even. Received: size=3",
        ),
        (
            lambda: checks.require(False, "train.name", "short", "long"),
            "`train.name` must be short. Received: name='long'",
        ),
        (
            lambda: checks.require_choice("kind", "mnits", ["cifar", "mnist"]),
            "`kind` must be one of cifar, mnist (did you mean mnist?). "
            "Received: kind='mnits'",
        ),
        (
            lambda: checks.require_choice("kind", 3, {"a": 1, "b": 2}),
            "`kind` must be one of a, b. Received: kind=3",
        ),
        (
            lambda: checks.require_choice("kind", ["a"], {"a": 1}),
            "`kind` must be one of a. Received: kind=['a']",
        ),
        (
            lambda: checks.require_number("step_size", -0.1, above=0),
            "`step_size` must be positive. Received: step_size=-0.1",
        ),
        (
            lambda: checks.require_number("x", 2, above=2),
            "`x` must be above 2. Received: x=2",
        ),
        (
            lambda: checks.require_number("x", -1, low=0),
            "`x` must be at least 0. Received: x=-1",
        ),
        (
            lambda: checks.require_number("x", 1.5, high=1),
            "`x` must be at most 1. Received: x=1.5",
        ),
        (
            lambda: checks.require_number("x", float("inf")),
            "`x` must be finite. Received: x=inf",
        ),
        (
            lambda: checks.require_number("x", float("nan"), low=0),
            "`x` must be finite. Received: x=nan",
        ),
        (
            lambda: checks.require_count("n", 0),
            "`n` must be at least 1. Received: n=0",
        ),
        (
            lambda: checks.require_count("n", 9, high=8),
            "`n` must be at most 8. Received: n=9",
        ),
        (
            lambda: checks.require_count("n", 2**31),
            "`n` must be at most 2147483647. Received: n=2147483648",
        ),
        (
            lambda: checks.require_number("x", 3.4028236e38),
            "`x` must be at most 3.4028235e+38 in size, as float32 is. "
            "Received: x=3.4028236e+38",
        ),
        (
            lambda: checks.require_number("x", -1e-38),
            "`x` must be 0 or at least 1.1754944e-38 in size, as float32 is. "
            "Received: x=-1e-38",
        ),
        (
            lambda: checks.require_number("x", 10**400, is_float32=False, high=9.5),
            f"`x` must be at most 9.5. Received: x={10**400}",
        ),
        (
            lambda: checks.require_choice("task", "c", ("a", "b")),
            "`task` must be one of a, b. Received: task='c'",
        ),
    ],
)
def test_wrong_value(call, line):
    with pytest.raises(ValueError) as caught:
        call()
    assert str(caught.value) == line
    assert isinstance(caught.value, checks.InputError)


@pytest.mark.parametrize("value", [True, "3", None, [3]])
def test_wrong_type(value):
    with pytest.raises(TypeError, match="`x` must be a number. Received: x="):
        checks.require_number("x", value)
    with pytest.raises(checks.InputError, match="`n` must be a whole number. Received"):
        checks.require_count("n", value)


def test_a_fraction_is_no_count():
    with pytest.raises(TypeError, match="`n` must be a whole number. Received: n=2.0"):
        checks.require_count("n", 2.0)


def test_what_is_fine_passes():
    checks.require(True, "x", "anything", None)
    checks.require_number("x", 0, low=0, high=0)
    checks.require_number("x", 1e-300, above=0, is_float32=False)
    checks.require_number("x", 3.4028234e38)
    checks.require_number("x", -1.1754944e-38)
    checks.require_count("n", 2**31 - 1)
    checks.require_count("n", 2**40, high=2**40)
    checks.require_count("n", 0, low=0)
    checks.require_count("n", 8, high=8)
    checks.require_choice("task", "a", {"a": 1})


def test_a_name_that_is_nearly_one():
    with pytest.raises(ValueError) as caught:
        checks.require_choice("task", "energis", ("energies", "neighbours"))
    assert str(caught.value) == (
        "`task` must be one of energies, neighbours (did you mean energies?). "
        "Received: task='energis'"
    )
    assert checks.nearest(3, ["3"]) == checks.nearest("x", ["energies"]) == ""


def test_a_path_that_does_not_exist(tmp_path):
    path = tmp_path / "none"
    with pytest.raises(FileNotFoundError) as caught:
        checks.require_file(path, "The model")
    assert str(caught.value) == f"The model does not exist: {path}"
    assert isinstance(caught.value, checks.InputError)
    checks.require_file(tmp_path, "The folder")
