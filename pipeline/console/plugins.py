"""A user's own networks, objectives, samplers, data sets and studies."""

import os
import sys
from collections.abc import Sequence

from ebm_tf import registry

from . import cli, tensorflow_import


def load(names: Sequence[str]) -> None:
    """Imports what registers choices: modules of installed packages, and those named.

    Args:
        names: Values of `--import`: dotted names, looked up where the user stands
            too, or paths of `.py` files.

    Raises:
        ValueError: If one cannot be imported: one line with its name and the error.
    """
    registry.import_entry_points()
    here = os.path.abspath(cli.user_path(""))
    if names and here not in sys.path:
        sys.path.append(here)
    with tensorflow_import.without_chatter():  # a user's module may import it
        for name in names:
            path = cli.user_path(name) if name.endswith(".py") else name
            registry.import_module(path)
