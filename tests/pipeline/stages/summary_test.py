"""The command `summary`."""

import pytest

from pipeline.commands import summary as summary_command
from tests import small_run


def test_a_table_of_layers_and_their_sums(tmp_path, ended):
    code, out, _ = ended(
        summary_command.main, "--preset=mnist_paper", f"--out={tmp_path}"
    )
    assert code == 0
    head, first, *rows, total, note = out.splitlines()
    assert head.split() == ["layer", "kind", "shape", "parameters", "multiply-adds"]
    assert first.split() == ["input", "28x28x1"]
    assert [row.split()[0] for row in rows] == (
        ["stem", "down_1", "down_2", "down_3", "dense", "head"]
    )
    assert rows[0].split()[2:] == ["28x28x64", "576", f"{28 * 28 * 576:,}"]
    assert total.split()[:2] == ["total", "1,246,017"]
    multiply_adds = [int(row.split()[-1].replace(",", "")) for row in rows]
    assert total.split()[2] == f"{sum(multiply_adds):,}"
    assert note.startswith("No labels. Multiply-adds")
    assert not list(tmp_path.iterdir())


def test_the_shape_is_that_of_examples_where_there_are_some(tmp_path, ended):
    small_run.make_examples(tmp_path)
    code, out, _ = ended(summary_command.main, "--preset=mnist", f"--out={tmp_path}")
    assert code == 0 and out.splitlines()[1].split() == ["input", "8x8x1"]


@pytest.mark.parametrize(
    "args, text",
    [
        (["--preset=mnits"], "`preset` must be one of"),
        (["--preset=folder", "--set=ingest.images=null"], "`images` must be given"),
    ],
)
def test_mistakes_are_one_line(tmp_path, ended, args, text):
    code, out, err = ended(summary_command.main, *args, f"--out={tmp_path}")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("summary: ") and text in err
