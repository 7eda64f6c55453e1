"""Tables as text: aligned for a terminal, or Markdown."""

from collections.abc import Iterable, Sequence


def lines(rows: Iterable[Sequence[str]], num_left: int | None = None) -> list[str]:
    """Returns a line for each row, the columns aligned and two spaces apart.

    Args:
        rows: Texts of the cells, as many in every row.
        num_left: How many columns are aligned at their left; those after them are
            aligned at their right. None means all.
    """
    rows = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    num_left = len(widths) if num_left is None else num_left
    sides = [str.ljust if n < num_left else str.rjust for n in range(len(widths))]
    return [
        "  ".join(
            pad(cell, width)
            for pad, cell, width in zip(sides, row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def markdown(rows: Iterable[Sequence[str]]) -> list[str]:
    """Returns the lines of a Markdown table; the first row is its head."""
    rows = [tuple(row) for row in rows]
    shown = [f"| {' | '.join(row)} |" for row in rows]
    return [shown[0], "|---" * len(rows[0]) + "|", *shown[1:]]
