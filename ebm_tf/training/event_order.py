"""The order of TensorBoard's event files, whatever the clock says.

TensorBoard reads the files of a folder in the order of their names, which begin with
the second in which each was opened. After a clock has gone back, or within one second,
a later file would come first.
"""

import pathlib
import re
import time

_NAME = re.compile(r"events\.out\.tfevents\.(\d+)(\..*)")


def keep(folder: pathlib.Path) -> None:
    """Sees that a file which is opened now comes after those that are there.

    If one of them has the present second or a later one in its name, all get numbers
    for it, in the order that they have; they must be closed.
    """
    paths = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    paths.sort(key=_place)
    if not any(_place(path)[0] >= int(time.time()) for path in paths):
        return
    for number, path in enumerate(paths):
        rest = _NAME.fullmatch(path.name)[2]
        path.rename(folder / f"events.out.tfevents.{number:010d}{rest}")


def _place(path: pathlib.Path) -> tuple[int, str]:
    """Returns what the files are sorted by: as TensorBoard does."""
    return int(_NAME.fullmatch(path.name)[1]), path.name
