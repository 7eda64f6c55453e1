"""Which module a data set is read by, told without NumPy and without its readers."""

import pathlib

_SOURCES = pathlib.Path(__file__).parent / "sources"
_NO_DATA_SETS = ("__init__", "base")


def module_of(dataset: str) -> str:
    """Returns the dotted name of the module that registers a data set.

    The library's own are in files of their names: only for a user's the registry is
    asked, which imports them all.

    Raises:
        ValueError: If there is no such data set.
    """
    if dataset not in _NO_DATA_SETS and (_SOURCES / f"{dataset}.py").is_file():
        return f"ebm_tf.data.sources.{dataset}"
    from ebm_tf.data.sources.base import DataSource

    return DataSource.of_kind(dataset, "dataset").__module__
