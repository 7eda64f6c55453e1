"""Writes rules of a BUILD file the way buildifier formats them."""


class Expression(str):
    """Text that goes into a BUILD file as it is, not as a string."""

    __slots__ = ()


def glob(pattern: str) -> Expression:
    """Returns a call of `glob`."""
    return Expression(f'glob(["{pattern}"])')


def call(rule: str, **attributes) -> str:
    """Returns a call of `rule`.

    Args:
        rule: Its name.
        **attributes: Strings, expressions, True, numbers, or lists of strings, which
            come out sorted. Those that are None or empty are left out.
    """
    lines = [
        f"    {name} = {_value(value)},\n"
        for name, value in attributes.items()
        if value
    ]
    return f"{rule}(\n{''.join(lines)})\n"


def _value(value) -> str:
    if isinstance(value, (Expression, int)):
        return str(value)
    if isinstance(value, str):
        return f'"{value}"'
    items = [f'"{item}"' for item in sorted(set(value), key=_order)]
    if len(items) == 1:
        return f"[{items[0]}]"
    return "[\n" + "".join(f"        {item},\n" for item in items) + "    ]"


def _order(label: str) -> tuple:
    """Labels of the same folder first, of other repositories last."""
    rank = 0 if not label.startswith(("//", "@")) else 2 if label[0] == "@" else 1
    return rank, label.replace(":", ".").split(".")
