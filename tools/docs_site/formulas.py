"""Formulas of the docs site: TeX becomes MathML, which browsers show by themselves."""

from latex2mathml import converter


def fence(source: str, *_, **__) -> str:
    """Returns the HTML of a block of code of the language `math`.

    Args:
        source: TeX, as GitHub shows it in such a block.
    """
    formula = converter.convert(source, display="block")
    return f'<div style="overflow-x: auto">{formula}</div>'
