"""Named pipes, devices, folders and sockets where a file is to be read."""

import os
import pathlib
import shutil
import socket

from benchmarks.bad_input.trial import Trial


def _device(path: pathlib.Path) -> None:
    path.symlink_to("/dev/zero")


def _socket(path: pathlib.Path) -> None:
    made = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(path.parent)  # the path of a socket may not be long
    try:
        made.bind(path.name)
    finally:
        os.chdir(here)
        made.close()


_KINDS = {
    "a named pipe": os.mkfifo,
    "a device": _device,
    "a socket": _socket,
    "a folder": os.mkdir,
}
_MNIST = "train-images-idx3-ubyte"
# What is asked -> the file, the command and its words.
_DOORS = {
    "a preset": ("x.json", "train", ("--preset=x.json", "--out=run")),
    "a search": (
        "x.json",
        "sweep",
        ("--preset=mnist", "--search=x.json", "--out=run"),
    ),
    "a manifest": ("run/model/manifest.json", "sample", ("--out=run", "--num=2")),
    "a manifest for lineage": (
        "run/model/manifest.json",
        "lineage",
        ("--artifact=run/model",),
    ),
    "a model": ("run/model/model.keras", "sample", ("--out=run", "--num=2")),
    "a model to export": ("run/model/model.keras", "export", ("--out=run",)),
    "a note of unfinished work": (
        "run/model.partial/request.json",
        "train",
        ("--out=run",),
    ),
    "arrays": (
        "data/train.npy",
        "ingest",
        ("--preset=arrays", "--data_dir=data", "--out=run"),
    ),
    "arrays in one file": (
        "data/data.npz",
        "ingest",
        ("--preset=arrays", "--data_dir=data", "--out=run"),
    ),
    "trajectories": (
        "data/train.npy",
        "ingest",
        ("--preset=trajectory", "--data_dir=data", "--out=run"),
    ),
}


def _setup(file: str, make):
    def setup(folder: pathlib.Path) -> None:
        path = folder / file
        if path.exists():
            path.unlink()
        if file.endswith("request.json"):
            shutil.rmtree(folder / "run" / "model")
        path.parent.mkdir(parents=True, exist_ok=True)
        make(path)

    return setup


def _trials():
    for door, (file, command, args) in _DOORS.items():
        for kind, make in _KINDS.items():
            yield Trial(
                name=f"{door} that is {kind}",
                command=command,
                args=args,
                setup=_setup(file, make),
                needs="model" if file.startswith("run/") else None,
                says=(file, f"must be a regular file. Received: {kind}"),
                alone=True,
                seconds=1800,
            )


TRIALS = (*_trials(),)
