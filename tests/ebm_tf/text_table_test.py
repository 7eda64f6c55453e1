"""Known tables."""

import pytest

from ebm_tf import text_table

ROWS = [("name", "n"), ("a", "10"), ("long name", "")]


def test_columns_are_aligned_and_lines_end_without_spaces():
    assert text_table.lines(ROWS) == ["name       n", "a          10", "long name"]


def test_columns_after_the_first_are_at_their_right():
    found = text_table.lines(ROWS, num_left=1)
    assert found == ["name        n", "a          10", "long name"]
    assert text_table.lines(iter(ROWS), num_left=0)[1] == "        a  10"


def test_a_row_of_another_length_is_a_defect():
    with pytest.raises(ValueError):
        text_table.lines([("a", "b"), ("a",)])


def test_markdown():
    assert text_table.markdown(ROWS[:2]) == ["| name | n |", "|---|---|", "| a | 10 |"]
