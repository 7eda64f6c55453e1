"""Whether stages make anew what another request or other code made, or refuse.

Stages call each other, as `evaluate` does `classifier`: what the command was asked
holds for all of them.
"""

import contextlib
import contextvars
from collections.abc import Iterator

_on = contextvars.ContextVar("replacing", default=False)


@contextlib.contextmanager
def on(value: bool = True) -> Iterator[None]:
    """Within the block, stages make anew what another request or other code made.

    What is there stays until the new one is whole. Unfinished work of another
    request or of other code is removed. Anything but an artifact of the same kind is
    still refused, and so is one that was changed.

    Args:
        value: False changes nothing.
    """
    token = _on.set(value)
    try:
        yield
    finally:
        _on.reset(token)


def is_on() -> bool:
    """Returns whether this is within such a block."""
    return _on.get()
