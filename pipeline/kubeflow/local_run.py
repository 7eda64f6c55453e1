"""The pipeline on this machine, by `kfp.local`: without a server, without a network."""

import contextlib
import fcntl
import io
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator

from ebm_tf import json_files, settings

from ..settings.config import RunConfig
from ..store import artifacts, durable
from . import dag
from .desk import Desk

# Stage -> name of its artifact in the run folder.
STAGES = {
    "ingest": "examples",
    "train": "model",
    "sample": "samples",
    "evaluate": "evaluation",
    "export": "export",
}


class StageEnded(Exception):
    """A stage ended and left no word; the text is one line for the user."""

    exit_code = 1


def run(
    out: str,
    config: RunConfig,
    seed: int,
    data_dir: str | None,
    strategy: str,
    force: bool,
) -> None:
    """Runs every stage whose artifact is not there, made by this request.

    Args:
        out: The run folder.
        config: Of the whole run.
        seed: A whole number.
        data_dir: Folder with the published files; None downloads them.
        strategy: Which devices; see `ebm_tf.training.distribution.make_strategy`.
        force: Whether to export a model that failed its gates.

    Raises:
        ValueError: If another process runs the pipeline in that folder.
        SystemExit: With the exit code of the stage that failed, which has said why.
        StageEnded: If a stage ended without a word.
    """
    start, out = time.monotonic(), os.path.abspath(out)
    is_new = not os.path.exists(out)
    os.makedirs(out, exist_ok=True)
    try:
        with durable.locked(out, out):
            before = _seals(out)
            _run_stages(
                {
                    "settings": json.dumps(settings.to_dict(config)),
                    "seed": seed,
                    "data_dir": os.path.abspath(data_dir) if data_dir else "",
                    "strategy": strategy,
                    "run_folder": out,
                    "force_export": force,
                }
            )
            made = [stage for stage, s in _seals(out).items() if s != before[stage]]
    except BaseException:
        if is_new:
            with contextlib.suppress(OSError):
                os.rmdir(out)  # unless something is in it
        raise
    seconds = time.monotonic() - start
    if made:
        print(f"all: made by {', '.join(made)}, in {seconds:.0f} s: {out}")
    else:
        print(f"all: nothing to do: {out} is as asked ({seconds:.1f} s)")


def _seals(out: str) -> dict[str, str | None]:
    """Returns what tells whether the artifact of a stage is the same, by stage."""
    found = {}
    for stage, name in STAGES.items():
        path = os.path.join(out, name, artifacts.MANIFEST)
        made = os.path.exists(path)
        found[stage] = json_files.read_json(path).get("seal") if made else None
    return found


def _run_stages(arguments: dict) -> None:
    from kfp import local

    pipeline = dag.define(dag.LOCAL_IMAGE, arguments["settings"])
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(folder)
        local.init(
            runner=local.SubprocessRunner(use_venv=False),
            pipeline_root=os.path.join(folder, "kfp"),
        )
        told = io.StringIO()  # stages speak for themselves
        with _environment(desk), _signals(desk) as caught:
            try:
                with contextlib.redirect_stdout(told):
                    pipeline(**arguments)
            except RuntimeError as error:  # KFP's, if a task failed
                code = desk.exit_code()
                if code is None:
                    raise StageEnded(_last_words(told.getvalue())) from error
                raise SystemExit(code) from error
        if caught:
            raise SystemExit(128 + caught[-1])


def _last_words(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    tasks = [line for line in lines if "Executing task" in line]
    stage = next((s for s in STAGES if tasks and s in tasks[-1]), "a stage")
    return f"{stage} ended without a word, as one does that is killed"


@contextlib.contextmanager
def _environment(desk: Desk) -> Iterator[None]:
    """Within the block, processes import what this one does, and know the desk."""
    for descriptor in (1, 2):  # stages append to the same files, if they are files
        with contextlib.suppress(OSError):
            status = fcntl.fcntl(descriptor, fcntl.F_GETFL)
            fcntl.fcntl(descriptor, fcntl.F_SETFL, status | os.O_APPEND)
    sys.stdout.flush()
    new = desk.environment() | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    old = {name: os.environ.get(name) for name in new}
    os.environ.update(new)
    try:
        yield
    finally:
        for name, value in old.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _signals(desk: Desk) -> Iterator[list[int]]:
    """Within the block SIGINT and SIGTERM go to the stage; yields those that came."""
    caught = []

    def pass_on(signum, frame):
        caught.append(signum)
        desk.stop(signum)

    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, pass_on) for number in numbers}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
