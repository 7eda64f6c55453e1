"""Models that come with ebm_tf: folders of the artifact `model`, without checkpoints.

`tools/pretrained.py` puts them here.
"""

import os

_HERE = os.path.dirname(os.path.abspath(__file__))
# Name -> what it is of.
MODELS = {"digits": "8x8 digits at noise levels, by class"}


def folder(name: str) -> str:
    """Returns the folder of the model of that name, there or not."""
    return os.path.join(_HERE, name)


def found(path: str) -> str:
    """Returns the folder of the model that a path names, or the path itself.

    Args:
        path: A path that leads somewhere, which is returned as it is; or one that
            leads nowhere and ends in the name of a model.
    """
    name = os.path.basename(path)
    if name in MODELS and not os.path.lexists(path):
        return folder(name)
    return path


def name_of(path: str | None) -> str | None:
    """Returns the name of the model whose folder this is, or None."""
    return next((name for name in MODELS if folder(name) == path), None)
