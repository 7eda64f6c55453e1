"""What the folder of a trial begins with: examples, and a model trained on them."""

import functools
import pathlib
import shutil
import tempfile

from benchmarks import tiny_run


def copy(needs: str | None, folder: pathlib.Path) -> None:
    """Copies `needs`, see `Trial.needs`, into `folder/run`."""
    if needs is None:
        return
    names = {"examples": ("examples",), "model": ("examples", "model")}[needs]
    for name in names:
        shutil.copytree(_made(needs) / name, folder / "run" / name, symlinks=True)


@functools.cache
def _made(needs: str) -> pathlib.Path:
    """Returns a run folder with `needs`, made once a process."""
    run = pathlib.Path(tempfile.mkdtemp(prefix="bad_input_")) / "run"
    if needs == "examples":
        tiny_run.make_examples(str(run / "examples"))
        return run
    shutil.copytree(_made("examples"), run)
    train = tiny_run.start(
        *tiny_run.SETTINGS,
        f"--out={run}",
        f"--examples={run / 'examples'}",
        "--set=train.num_updates=2",
        "--set=train.log_every=1",
        "--set=train.checkpoint_every=1",
    )
    if train.wait() != 0:
        raise SystemExit("the model that trials begin with could not be trained")
    return run


def remove() -> None:
    """Removes what was made."""
    for needs in ("examples", "model"):
        if _made.cache_info().currsize:
            shutil.rmtree(_made(needs).parent, ignore_errors=True)
    _made.cache_clear()
