"""Names of data sets, presets and functions that there are not, in dry runs too."""

import pathlib

from benchmarks.bad_input.trial import Trial

_NETWORK = '{{"kind": "custom", "factory": "{}"}}'
_OUT = "--out=run"


def _module(folder: pathlib.Path) -> None:
    (folder / "my_net.py").write_text("def make(state_shape):\n    return None\n")


def _refused(name: str, command: str, *args: str, says=(), **more) -> Trial:
    return Trial(name=name, command=command, args=(*args, _OUT), says=says, **more)


def _of_data_sets():
    for wrong, right in (
        ("mnst", "mnist"),
        ("digit", "digits"),
        ("cifar_10", "cifar10"),
        ("fashionmnist", "fashion_mnist"),
        ("Folder", "folder"),
    ):
        near = (wrong, f"did you mean {right}?")
        yield _refused(f"--dataset={wrong}", "ingest", f"--dataset={wrong}", says=near)
        yield _refused(
            f"a dry run of ingest.dataset={wrong}",
            "train",
            *("--preset=mnist", f"--set=ingest.dataset={wrong}", "--dry_run"),
            says=near,
        )
        yield _refused(
            f"ingest.dataset={wrong} of all",
            "all",
            *("--preset=mnist", f"--set=ingest.dataset={wrong}"),
            says=near,
        )


def _of_factories():
    for factory, says in (
        ("no_module:make", ("--import=no_module",)),
        ("make", ("MODULE:FUNCTION",)),
        (":make", ("MODULE:FUNCTION",)),
        ("my_net:", ("MODULE:FUNCTION",)),
    ):
        for command in ("train", "all"):
            yield _refused(
                f"a dry run of {command}, factory {factory!r}",
                command,
                *("--preset=mnist", f"--set=energy={_NETWORK.format(factory)}"),
                "--dry_run",
                says=says,
            )


TRIALS = (
    *_of_data_sets(),
    *_of_factories(),
    _refused(
        "a function that a module has not",
        "train",
        *("--preset=mnist", "--import=./my_net.py", "--dry_run"),
        f"--set=energy={_NETWORK.format('my_net:mak')}",
        setup=_module,
        says=("did you mean make?",),
    ),
    _refused("a preset", "train", "--preset=minst", says=("did you mean mnist?",)),
    _refused(
        "a word of a setting",
        "ingest",
        *("--preset=folder", "--set=images.corrupt=skp", "--dry_run"),
        says=("did you mean skip?",),
    ),
    _refused(
        "a data set like none", "ingest", "--dataset=qqqqqq", says=("one of arrays",)
    ),
)
