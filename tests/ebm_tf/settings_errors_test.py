"""One line for a tree of mistakes; which line `settings_test` says."""

import dataclasses

import cattrs
import pytest

from ebm_tf import checks, settings_errors


@dataclasses.dataclass
class Chain:
    num_steps: int


def test_a_value_is_named_by_its_path():
    error = settings_errors.WrongValue(checks.InvalidTypeError, "a list", 3)
    line = settings_errors.as_line(error, "train.shape")
    assert isinstance(line, checks.InvalidTypeError)
    assert str(line) == "`train.shape` must be a list. Received: shape=3"


def test_a_rule_that_a_configuration_told_gets_the_path():
    error = checks.InvalidValueError("`num_steps` must be positive")
    line = settings_errors.as_line(error, "train")
    assert str(line) == "`train.num_steps` must be positive"
    other = RuntimeError("no mistake of the reader's")
    assert settings_errors.as_line(other, "train") is other


@pytest.mark.parametrize(
    "data, text",
    [
        ({"num_stesp": 3}, "`chain` has no field `num_stesp`; did you mean num_steps"),
        ({}, "`chain` lacks the field `num_steps`"),
    ],
)
def test_the_first_mistake_of_a_tree(data, text):
    converter = cattrs.Converter(forbid_extra_keys=True)
    with pytest.raises(cattrs.BaseValidationError) as caught:
        converter.structure(data, Chain)
    path, leaf = settings_errors.first_leaf(caught.value, "chain")
    assert str(settings_errors.as_line(leaf, path)) == text
