"""What a command is asked for beside its settings: names, ports, folders, dry runs."""

import pathlib
import shutil

from benchmarks.bad_input.trial import Trial

_NO_UTF8 = "name\udcff"  # as Python has the byte 255 of a file name
_STAGES = ("ingest", "train", "sample", "evaluate", "export", "all", "sweep", "study")


def _flags_of_absl():
    for command in _STAGES:
        yield Trial(
            name=f"{command}: --undefok",
            command=command,
            args=("--undefok=sed", "--sed=3"),
            says=("'undefok'",),
        )
        yield Trial(
            name=f"{command}: --flagfile",
            command=command,
            args=("--flagfile=/dev/null",),
            says=("'flagfile'",),
        )
        yield Trial(
            name=f"{command}: --out is no UTF-8",
            command=command,
            args=(f"--out={_NO_UTF8}",),
            says=("`--out` must be in UTF-8",),
        )
        yield Trial(
            name=f"{command}: a preset of a name that is no UTF-8",
            command=command,
            args=("--preset", _NO_UTF8),
            says=("must be in UTF-8",),
        )


def _images():
    names = (
        *("Mine", "a b", "a/", "/a", "a::b", "a:", ":a", "-a", "a-", "a___b", "a..b"),
        *("http://host/a", "b\u00fccher", "a@sha256:12", "a" * 256, "a:" + "b" * 129),
        *("a//b", "host:port/a", "a?b", "a:b:c", "a@b", " a"),
    )
    for name in names:
        yield Trial(
            name=f"compile: the image {name[:20]!r}",
            command="compile",
            args=(f"--image={name}",),
            says=("`--image` must be a name that a registry takes",),
        )
    yield Trial(
        name="compile: no image", command="compile", says=("`--image` must be",)
    )


def _file(folder: pathlib.Path) -> None:
    (folder / "file").write_text("x")


def _unfinished(folder: pathlib.Path) -> None:
    """Makes of the model unfinished work of another seed."""
    import json

    model = folder / "run/model"
    manifest = json.loads((model / "manifest.json").read_text())
    names = ("kind", "config", "seed", "shown")
    request = {name: manifest[name] for name in names}
    request["inputs"] = {
        name: made["digest"] for name, made in manifest["inputs"].items()
    }
    partial = folder / "run/model.partial"
    shutil.move(model, partial)  # with its checkpoints, to go on from
    (partial / "manifest.json").unlink()
    content = {"format": 2, "started": "", "request": request | {"seed": 9}}
    content |= {"code": manifest["code"], "spent": {}}
    (partial / "request.json").write_text(json.dumps(content))


def _dry(command, *args, says, **options):
    return Trial(
        name=f"{command} --dry_run: {says[0]}",
        command=command,
        args=(*args, "--dry_run"),
        says=says,
        **options,
    )


def _dry_runs():
    out = "--out=new"
    for command in ("ingest", "study", "sweep", "export_update"):
        more = {"study": ("--study=table7",), "sweep": ("--search=s.json",)}
        yield _dry(
            command,
            *("--dataset=mnist", "--data_dir=no/such", out),
            *more.get(command, ()),
            says=("`data_dir` does not exist: no/such",)
            if command != "sweep"
            else ("s.json",),
        )
    for command in ("sample", "evaluate", "export", "saturation"):
        yield _dry(command, "--preset=mnist", "--model=no/such", out, says=("no/such",))
    yield _dry("train", "--preset=mnist", "--examples=no/such", out, says=("no/such",))
    yield _dry(
        "train",
        *("--out=run", "--set=l2_weight=0.5"),
        says=("l2_weight was",),
        needs="model",
    )
    yield _dry(
        "train",
        *("--out=run", "--seed=3"),
        says=("seed",),
        needs="model",
    )
    yield _dry(
        "train",
        *("--out=run", "--preset=mnist", "--examples=run/examples"),
        says=("unfinished work of another request",),
        needs="model",
        setup=_unfinished,
    )
    yield _dry(
        "train",
        *("--preset=cifar10_unconditional", "--examples=run/examples", out),
        *('--set=energy={"kind": "mlp", "widths": [3], "scale": 1.0, "activation": ',),
        says=("energy",),
        needs="examples",
    )
    yield _dry("train", "--preset=mnist", "--strategy=tpu", out, says=("`strategy`",))
    yield _dry("train", "--preset=mnist", "--strategy=cpu:0", out, says=("`strategy`",))
    yield _dry("train", "--out=run", "--init=no/such", says=("no/such",), needs="model")
    yield Trial(
        name="train --dry_run of what is there",
        command="train",
        args=("--out=run", "--dry_run"),
        needs="model",
        exit_code=0,
    )
    yield Trial(
        name="train --dry_run of more updates",
        command="train",
        args=("--out=run", "--set=train.num_updates=4", "--dry_run"),
        needs="model",
        exit_code=0,
    )


def _boards():
    yield Trial(
        name="board: a file",
        command="board",
        args=("--logdir=file",),
        setup=_file,
        says=("`--logdir` must be a folder",),
    )
    yield Trial(
        name="board: nothing there",
        command="board",
        args=("--logdir=no/such",),
        says=("no/such",),
    )
    for port in ("65536", "-1", "x", "99999999999999999999"):
        yield Trial(
            name=f"board: the port {port}",
            command="board",
            args=("--logdir=.", f"--port={port}"),
            says=("port", port),
        )


def _updates():
    for change, words in (
        ("--set=train.num_updates=1", "num_updates was 2, asked 1"),
        ("--set=train.batch_size=4", "batch_size was 8, asked 4"),
    ):
        yield Trial(
            name=f"train on a finished model: {change}",
            command="train",
            args=("--out=run", change),
            needs="model",
            says=(words,),
        )
    yield Trial(
        name="train --init of another network",
        command="train",
        args=("--out=new", "--init=run/model", "--examples=run/examples")
        + ("--set=energy.filters=8",),
        needs="model",
        says=("run/model is of another network: energy.filters was 4, asked 8",),
    )
    yield Trial(
        name="train --init of what is no model",
        command="train",
        args=("--out=new", "--init=run/examples", "--examples=run/examples")
        + ("--preset=mnist",),
        needs="model",
        says=("run/examples holds `examples`, not `model`",),
    )


TRIALS = (
    *_flags_of_absl(),
    *_images(),
    *_dry_runs(),
    *_boards(),
    *_updates(),
)
