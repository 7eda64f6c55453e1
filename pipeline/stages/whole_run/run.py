"""All stages of a run, one after the other in this process."""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator

from ebm_tf import files, json_files

from ...console import tensorflow_import
from ...store import artifacts, locks
from .. import train
from .steps import STEPS, Order, Step


def run(
    out: str,
    order: Order,
    of_step: Callable[[str], contextlib.AbstractContextManager],
) -> None:
    """Runs every stage whose artifact is not there, made by this request.

    Args:
        out: The run folder.
        order: What is asked for.
        of_step: Returns a context for the stage of that name; it may answer errors.

    Raises:
        ValueError: If another process runs the stages in that folder.
    """
    start, out = time.monotonic(), os.path.abspath(out)

    def divide():
        train.prepare_devices(order.strategy, order.config.train.gpu)

    with (
        _folder(out),
        tensorflow_import.followed_by(divide),
    ):
        before = _seals(out)
        run_steps(out, order, of_step)
        made = [name for name, seal in _seals(out).items() if seal != before[name]]
    seconds = time.monotonic() - start
    if made:
        print(f"all: made by {', '.join(made)}, in {seconds:.0f} s: {out}")
    else:
        print(f"all: nothing to do: {out} is as asked ({seconds:.1f} s)")


def run_steps(
    out: str,
    order: Order,
    of_step: Callable[[str], contextlib.AbstractContextManager],
) -> None:
    """Calls the stages in order, in a folder that someone holds if they are to write.

    Arguments as of `run`.
    """
    for step in STEPS:
        _forget()
        with of_step(step.name):
            inputs = {name: os.path.join(out, name) for name in step.inputs}
            step.run(order, inputs, os.path.join(out, step.output))


def _forget() -> None:
    """Lets Keras name layers as in a new process: names are part of a model's file."""
    if "keras" in sys.modules:
        sys.modules["keras"].utils.clear_session()


@contextlib.contextmanager
def _folder(out: str) -> Iterator[None]:
    """Makes the run folder, and holds it; an empty one does not stay after an error."""
    with files.making(out), locks.locked(out, out):
        yield


def _seals(out: str) -> dict[str, str | None]:
    """Returns what tells whether the artifact of a step is the same, by its name."""
    return {step.name: _seal(out, step) for step in STEPS}


def _seal(out: str, step: Step) -> str | None:
    path = os.path.join(out, step.output, artifacts.MANIFEST)
    return json_files.read_json(path).get("seal") if os.path.exists(path) else None
