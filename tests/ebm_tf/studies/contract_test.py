"""Findings have names that can be names of files."""

import numpy as np
import pytest

from ebm_tf.studies.contract import Findings


@pytest.mark.parametrize("field", ["tables", "figures", "arrays"])
@pytest.mark.parametrize("name", ["", "a/b", "..", "a.json", 3])
def test_a_name_is_an_identifier(field, name):
    with pytest.raises(ValueError, match=f"`{field}` must be by names that are ident"):
        Findings(**{field: {name: None}})


def test_only_what_is_there_can_be_shown():
    found = Findings(tables={"a": 1}, arrays={"b": np.zeros(2)}, shown=("a", "b"))
    assert (found.shown, found.details) == (("a", "b"), {})
    with pytest.raises(ValueError, match="`shown` must be one of a, b"):
        Findings(tables={"a": 1}, arrays={"b": np.zeros(2)}, shown=("c",))
