"""Files that hold JSON, and those that do not."""

import pytest

from ebm_tf import checks, json_files


@pytest.mark.parametrize(
    "content",
    [
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        b'{"a": 1',
        b"[1]",
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_file_that_is_not_one_json_object_is_refused(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(checks.InvalidValueError) as caught:
        json_files.read_json(str(path))
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(checks.MissingFileError, match="gone.json"):
        json_files.read_json(str(tmp_path / "gone.json"))


def test_text_comes_back_as_it_was():
    data = {"a": [1, 2.5, None], "b": {"c": "d"}}
    text = json_files.dump_json(data)
    assert text.endswith("}\n") and json_files.parse_json(text) == data
    assert json_files.parse_object(text, "text") == data
