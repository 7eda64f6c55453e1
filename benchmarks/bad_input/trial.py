"""One trial of bad input: what is asked, and what must come of it."""

import dataclasses
import pathlib
from collections.abc import Callable


@dataclasses.dataclass(frozen=True, kw_only=True)
class Trial:
    """One thing asked of the project, and the answer it must give.

    Attributes:
        name: What is wrong with it, in a few words.
        command: Name of the command, with its module in `pipeline.commands`.
        args: Words after the command; paths are relative to the trial's folder.
        call: Asks the library in place of a command; gets the trial's folder.
        setup: Makes the trial's files in its folder, before the look at it.
        needs: What the folder begins with: "examples" or "model" (with its
            examples), as folders of these names in `run`; None for nothing.
        says: Words that the line must hold.
        exit_code: Of the command.
        may_change: Whether the folder may be another one afterwards.
        alone: Whether it runs in a process of its own, for what may hang the process
            or end it; it is ended after `seconds`.
        seconds: See `alone`.
    """

    name: str
    command: str = ""
    args: tuple[str, ...] = ()
    call: Callable[[pathlib.Path], object] | None = None
    setup: Callable[[pathlib.Path], object] | None = None
    needs: str | None = None
    says: tuple[str, ...] = ()
    exit_code: int = 2
    may_change: bool = False
    alone: bool = False
    seconds: int = 600

    def __post_init__(self):
        if bool(self.command) == (self.call is not None):
            raise ValueError(f"{self.name}: give a command or a call")
        if self.needs not in (None, "examples", "model"):
            raise ValueError(f"{self.name}: needs is examples, model or None")
