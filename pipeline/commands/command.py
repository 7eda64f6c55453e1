"""Commands that make artifacts: what all of them share."""

import contextlib
import dataclasses
import io
from collections.abc import Callable, Iterator, Sequence

from ebm_tf import interruption
from ebm_tf.interruption import Interrupted

from ..console import cli, help_page
from ..stages import command_lines, ingest, requirements, stage
from ..store import replacement
from . import flags

_REPLACE = cli.Flag(
    name="replace",
    group="how",
    kind="switch",
    help="Make anew what another request or other code made. The old one stays until "
    "the new one is whole.",
)
_DRY_RUN = cli.Flag(
    name="dry_run",
    group="how",
    kind="switch",
    help="Check what the command would check, print the resolved configuration, and "
    "do nothing.",
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Command:
    """A command; called with its words it runs, see `cli.run`.

    Attributes:
        name: What it is called.
        summary: One sentence for `--help`.
        flags: The flags it takes.
        body: Does the work, given the values of the flags by name.
        examples: Two command lines for `--help`, without what stands before the flags.
    """

    name: str
    summary: str
    flags: Sequence[cli.Flag]
    body: Callable
    examples: Sequence[str] = ()

    def __call__(self, args: Sequence[str] | None = None) -> None:
        """Runs it; `args` are the process's own if None."""
        self._start(self.body, args)

    def help_text(self) -> str:
        """Returns what `--help` prints under Bazel, but for `--help` itself."""
        typed = help_page.typed(self.name, installed=False)
        shown = self.all_flags(), self.examples, typed
        return help_page.text(self.name, self.summary, *shown)

    def all_flags(self) -> Sequence[cli.Flag]:
        """Returns its own flags and those that all commands of its kind have."""
        return self.flags

    def _start(self, body: Callable, args: Sequence[str] | None) -> None:
        flags = self.all_flags()
        cli.run(self.name, self.summary, flags, body, args, self.examples)


@dataclasses.dataclass(frozen=True, kw_only=True)
class StageCommand(Command):
    """A command that makes artifacts, from settings that flags add up to.

    Attributes:
        body: Does the work, given a `flags.Request`.
        shorts: Returns the `--set` values that the command's own flags stand for.
        replaces: Whether it always does what `--replace` asks of others.
        sections: The sections of the settings that it needs; None means all. Or a
            function that returns them, given the flags by name.
        check: Does the body's checks and writes nothing, given a `flags.Request`;
            None is for a body that writes through stages alone.
        again: Returns the command line that goes on after a signal, given the
            `flags.Request`; None means that with the same flags.
    """

    shorts: Callable[[dict], Sequence[str]] = lambda values: ()
    replaces: bool = False
    sections: flags.Wanted = None
    check: Callable | None = None
    again: Callable[[flags.Request], str | None] = lambda request: None

    def __call__(self, args: Sequence[str] | None = None) -> None:
        """Runs it; `args` are the process's own if None."""
        self._start(self._run, args)

    def all_flags(self) -> Sequence[cli.Flag]:
        """Returns its own flags and those of every command that makes artifacts."""
        how = (_DRY_RUN,) if self.replaces else (_REPLACE, _DRY_RUN)
        return (*self.flags, *how)

    def _run(self, values: dict) -> None:
        request, given = None, values
        same = command_lines.same_command(self.name, self.all_flags(), given)
        with going_on(lambda: (request and self.again(request)) or same):
            values = given | {"set": [*given["set"], *self.shorts(given)]}
            request = flags.resolve(values, self.sections)
            with replacement.on(self.replaces or values.get("replace", False)):
                if values["dry_run"]:
                    self._check(request)
                    print(request.described(), end="")
                else:
                    self.body(request)

    def _check(self, request: flags.Request) -> None:
        said = io.StringIO()  # what is there already: on stdout stands the JSON alone
        with contextlib.redirect_stdout(said), stage.checks_only():
            (self.check or self.body)(request)


@contextlib.contextmanager
def going_on(again: Callable[[], str]) -> Iterator[None]:
    """Within the block the line of a signal ends with the command that goes on.

    Args:
        again: Returns the command line.
    """
    try:
        with interruption.kept():
            yield
    except Interrupted as stopped:
        told = f"{stopped}; go on with {again()}"
        raise Interrupted(told, stopped.signum) from stopped


def ingest_first(request: flags.Request, to_train: bool = True) -> None:
    """Makes the run's own examples, unless it reads those of another or has them.

    Args:
        request: What the command is asked for.
        to_train: Whether its network is trained on them; if it cannot be, nothing is
            made.
    """
    out = request.output("examples")
    require = requirements.of_training(request.config, out) if to_train else None
    if request.values["examples"] is None:
        values, config = request.values, request.config.ingest
        ingest.run(values["data_dir"], out, config, request.seed, require)
