"""What every command does alike: flags, messages, signals, exit codes.

absl parses the flags, but by itself it answers a bad flag with two lines and exit
code 1, and takes stray words such as `step_lr=10` without a word. Here:

    exit code   when
    0           done, or help
    1           a defect of the program, with its traceback
    2           something the user gave is wrong, or a file cannot be written: one
                line "COMMAND: message"
    130, 143    interrupted by SIGINT, SIGTERM: one line
    141         who read the output has gone, as `head` does: not a word

An error with an `exit_code`, as the trainer raises, is one line with that code.
TensorFlow is not imported here: a command that finds its output made ends at once.
"""

import contextlib
import dataclasses
import difflib
import errno
import logging
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence

from absl import flags as absl_flags
from absl import logging as absl_logging

from ebm_tf import checks, interruption, resources
from ebm_tf.interruption import Interrupted

from . import help_page

# What the system says where a file cannot be written on.
_DISK = tuple(
    os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
)
_QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "2",  # errors only
    "GRPC_VERBOSITY": "ERROR",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Flag:
    """One flag of a command.

    Attributes:
        name: Without the dashes.
        group: One of `help_page.GROUPS`: where `--help` shows it.
        help: One sentence, or a few words.
        kind: "text", "path", "whole" (a number >= 0), "many" (may be repeated) or
            "switch" (true when given).
        value: What stands for the value in `--help`.
        default: Value when the flag is not given.
        high: Largest value of a "whole", which is used as an int32 unless another is
            given.
    """

    name: str
    group: str
    help: str
    kind: str = "text"
    value: str = ""
    default: object = None
    high: int = checks.INT32_MAX


# What absl takes everywhere beside a program's own flags: a file of more flags, and
# names of flags that need not exist, which would hide a typing error.
_OF_ABSL = re.compile(r"--?(flagfile|undefok)(=|$)")
_HELP = Flag(name="help", group="how", help="Show this.", kind="switch")


def user_path(path: str) -> str:
    """Returns `path` as seen from where the user stands.

    `bazel run` starts a command in another folder and tells the user's in
    BUILD_WORKING_DIRECTORY. A leading `~` is the home folder, which shells leave
    alone in `--out=~/run`.
    """
    base = os.environ.get("BUILD_WORKING_DIRECTORY", "")
    return os.path.join(base, os.path.expanduser(path))


def parse(command: str, flags: Sequence[Flag], args: Sequence[str]) -> dict:
    """Returns the value of every flag, by name.

    Raises:
        ValueError: If a flag is unknown or has a wrong value, or words are left.
    """
    for word in args:
        _require_utf8(word)
        found = _OF_ABSL.match(word)
        if found:
            raise checks.InvalidValueError(
                f"Unknown command line flag '{found[1]}' (--help lists the flags). "
                f"Received: {word}"
            )
    values = absl_flags.FlagValues()
    for flag in flags:
        _define(flag, values)
    values.set_gnu_getopt(True)  # a flag after a stray word is still a flag
    try:
        words = values([command, *args])[1:]
    except absl_flags.UnrecognizedFlagError as error:
        raise checks.InvalidValueError(_unknown(error, flags)) from error
    except absl_flags.Error as error:
        raise checks.InvalidValueError(f"{error} (--help lists the flags)") from error
    if words:
        hint = f"; did you mean --set {words[0]}" if "=" in words[0] else ""
        raise checks.InvalidValueError(
            f"a flag begins with --. Received: {words[0]}{hint}"
        )
    parsed = {flag.name: values[flag.name].value for flag in flags}
    for flag in flags:
        if flag.kind == "path" and parsed[flag.name] is not None:
            checks.require(bool(parsed[flag.name]), f"--{flag.name}", "a path", "")
            parsed[flag.name] = user_path(parsed[flag.name])
    return parsed


def _unknown(error: absl_flags.UnrecognizedFlagError, flags: Sequence[Flag]) -> str:
    """Returns what to say of a flag that there is not."""
    names, name = [flag.name for flag in flags], error.flagname
    close = difflib.get_close_matches(name, names, n=1)
    hint = f" (did you mean --{close[0]}?)" if close else ""
    if not close and "set" in names:
        _, _, value = str(error.flagvalue or "").partition("=")
        hint = f"; a setting is given as --set {name}={value or 'VALUE'}"
    return f"Unknown command line flag '{name}'{hint} (--help lists the flags)"


def _require_utf8(word: str) -> None:
    """Raises unless a word can be written to a file: paths go to manifests, reports."""
    try:
        word.encode("utf-8")
    except UnicodeEncodeError:
        flag, equals, value = word.partition("=")
        flag, value = (flag, value) if equals else ("what is given", word)
        shown = value.encode("utf-8", "surrogateescape")
        rule = "in UTF-8, file names too"
        checks.require(False, flag.encode("ascii", "replace").decode(), rule, shown)


def _define(flag: Flag, values: absl_flags.FlagValues) -> None:
    args = (flag.name, flag.default, flag.help)
    if flag.kind == "whole":
        absl_flags.DEFINE_integer(
            *args, lower_bound=0, upper_bound=flag.high, flag_values=values
        )
    elif flag.kind == "many":
        absl_flags.DEFINE_multi_string(
            flag.name, flag.default or [], flag.help, flag_values=values
        )
    elif flag.kind == "switch":
        absl_flags.DEFINE_boolean(flag.name, False, flag.help, flag_values=values)
    else:
        absl_flags.DEFINE_string(*args, flag_values=values)


def run(
    command: str,
    summary: str,
    flags: Sequence[Flag],
    body: Callable[[dict], None],
    args: Sequence[str] | None = None,
    examples: Sequence[str] = (),
) -> None:
    """Parses the flags, calls `body` with their values, ends as the module says.

    Args:
        command: Name of the command, which begins its messages.
        summary: One sentence for `--help`.
        flags: The flags it takes, `--help` aside.
        body: The command itself; gets a dict from flag names to values.
        args: Words of the command line after the command; None means the
            process's own.
        examples: For `--help`: the flags of a command line each.

    Raises:
        SystemExit: If the exit code is not 0, and no defect is at work.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    # Whatever ~/.keras/keras.json says: the project runs on TensorFlow alone.
    os.environ["KERAS_BACKEND"] = "tensorflow"
    if hasattr(sys.stdout, "reconfigure"):  # in step with stderr, in a pipe too
        # A file name in the data that is no UTF-8 is shown, not a reason to end.
        sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    flags = (*flags, _HELP)
    # Libraries that look at absl's own flags must find them parsed.
    absl_flags.FLAGS.mark_as_parsed()
    with (
        _plain_logging(),
        errors_of(command),
        interruption.raising(),
        interruption.kept(),
    ):
        values = parse(command, flags, sys.argv[1:] if args is None else args)
        if values.pop("help"):
            typed = help_page.typed(command)
            print(help_page.text(command, summary, flags, examples, typed))
        else:
            body(values)


@contextlib.contextmanager
def errors_of(command: str) -> Iterator[None]:
    """Within the block errors and signals end the process, as the module says.

    A block in this block is one of another command, whose name begins the line.

    Raises:
        SystemExit: On an error that is no defect, after its line.
    """
    try:
        yield
    except KeyboardInterrupt:
        _exit(command, "interrupted", 128 + signal.SIGINT)
    except BrokenPipeError:
        _leave_quietly()
    except (Exception, Interrupted) as error:
        code = _exit_code(error)
        if code is None:
            raise
        _exit(command, _message(error), code)


def _exit_code(error: BaseException) -> int | None:
    """Returns the code that goes with one line, None where a traceback is due."""
    code = getattr(error, "exit_code", None)
    if isinstance(code, int):
        return code
    if isinstance(error, (checks.InputError, OSError)):
        return 2
    if resources.is_exhausted(error):
        return 2
    # TensorFlow and HDF5 have error classes of their own for a full disk.
    return 2 if any(text in str(error) for text in _DISK) else None


def _message(error: BaseException) -> str:
    if isinstance(error, OSError) and not isinstance(error, checks.InputError):
        if error.strerror and error.filename is not None:
            return f"{error.strerror}: {error.filename}"
        return error.strerror or str(error) or type(error).__name__
    if resources.is_exhausted(error):
        return str(resources.told(error))
    return str(error) or type(error).__name__


def _exit(command: str, message: str, code: int) -> None:
    absl_logging.error("%s: %s", command, " ".join(message.split()))
    raise SystemExit(code)


def _leave_quietly() -> None:
    """Ends as what writes to a pipe ends when nobody reads on: without a word."""
    with contextlib.suppress(OSError, ValueError):  # no file behind it, as in a test
        # Or Python would complain of the pipe once more, on its way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(128 + signal.SIGPIPE)


@contextlib.contextmanager
def _plain_logging() -> Iterator[None]:
    """Within the block warnings and errors, ours and libraries', are lines on stderr.

    TensorFlow's warnings are of use to who writes this program, not to who runs it.
    """
    handler, root = absl_logging.get_absl_handler(), logging.getLogger()
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.python_handler.stream = sys.stderr
    before = root.handlers[:], root.level
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.handlers, level = before
        root.setLevel(level)
