"""Files of a model that are cut, empty, of another kind, hostile, or too large."""

import functools
import json
import os
import pathlib
import tempfile
import zipfile

from benchmarks.bad_input.trial import Trial
from ebm_tf import files
from pipeline.store import manifests

_NAME = "model.keras"
_MLP = {
    "kind": "mlp",
    "widths": [4, 4],
    "scale": 1.0,
    "activation": "swish",
    "kernel_initializer": "glorot_uniform",
    "normalize_head": False,
}


@functools.cache
def _good() -> dict[str, bytes]:
    """Returns the files in the archive of a good model, by name."""
    from ebm_tf import settings
    from ebm_tf.energy.build import build_energy, save_energy
    from ebm_tf.energy.networks import NetworkConfig

    config = settings.from_dict(NetworkConfig, _MLP)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, _NAME)
        save_energy(build_energy(config, (2,), seed=0), path)
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


def _pack(path: pathlib.Path, parts: dict, method=zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def _config(path: str, value):
    """Returns what makes files of which the configuration says `value` at `path`."""

    def parts() -> dict[str, bytes]:
        data = json.loads(_good()["config.json"])
        node = data
        *names, last = path.split(".")
        for name in names:
            node = node[name]
        node[last] = value
        return _good() | {"config.json": json.dumps(data).encode()}

    return parts


def _file(name: str, content: bytes | None):
    """Returns what makes files of which one is another, or is not there."""

    def parts() -> dict[str, bytes]:
        rest = {n: each for n, each in _good().items() if n != name}
        return rest if content is None else rest | {name: content}

    return parts


def _layer(class_name: str, module: str, registered_name: str | None, **config):
    return {
        "class_name": class_name,
        "module": module,
        "registered_name": registered_name,
        "config": config,
    }


_BAD = {
    "no config": _file("config.json", None),
    "no weights": _file("model.weights.h5", None),
    "a config that is cut": _file("config.json", b'{"module": "ker'),
    "a config that is a list": _file("config.json", b"[]"),
    "a config of brackets": _file("config.json", b"[" * 10**5),
    "weights that are empty": _file("model.weights.h5", b""),
    "weights that are text": _file("model.weights.h5", b"text" * 100),
    "wider than its weights": _config("config.config.widths", [5, 4]),
    "deeper than its weights": _config("config.config.widths", [4, 4, 4]),
    "a width of text": _config("config.config.widths", "44"),
    "a width beyond the memory": _config("config.config.widths", [10**6, 10**6]),
    "a width beyond int32": _config("config.config.widths", [2**40]),
    "a scale beyond float32": _config("config.config.scale", 1e300),
    "another kind": _config("config.config.kind", "mlpp"),
    "a field too many": _config("config.config.hidden", 3),
    "no shape": _config("config.state_shape", None),
    "a shape beyond the memory": _config("config.state_shape", [2**31 - 1, 2**31 - 1]),
    "a shape below 0": _config("config.state_shape", [-2]),
    "a space that is none": _config("config.space", {"low": 0}),
    "a class of nobody": _config("registered_name", "nobody>Net"),
    "no settings": _config("config", None),
    "a Lambda layer": _config(
        "config.network", _layer("Lambda", "keras.layers", None, function="f")
    ),
    "code as text": _config(
        "config.network", _layer("__lambda__", "builtins", None, value="4wEA")
    ),
    "a module of Python": _config(
        "config.network", _layer("system", "os", "os>system", command="touch x")
    ),
    "a module of the folder": _config(
        "config.network", _layer("Net", "evil", "evil>Net")
    ),
}


def _of_calls():
    for name, parts in _BAD.items():
        yield Trial(
            name=f"load: {name}",
            call=_load,
            setup=lambda folder, parts=parts: _pack(folder / _NAME, parts()),
        )
    bomb = _file("model.weights.h5", b"\0" * (1 << 28))
    yield Trial(
        name="load: a bomb",
        call=_load,
        setup=lambda folder: _pack(folder / _NAME, bomb(), zipfile.ZIP_DEFLATED),
        says=("unpacks to",),
    )


def _load(folder: pathlib.Path):
    from ebm_tf.energy.build import load_energy

    return load_energy(str(folder / _NAME))


def _seal(folder: pathlib.Path) -> None:
    """Makes the manifest of the model that of the files that there are now."""
    model = folder / "run" / "model"
    note = model / "manifest.json"
    manifest = json.loads(note.read_text())
    manifest["files"][_NAME] = files.sha256(model / _NAME)
    manifest["digest"] = manifests.digest_of(manifest)
    manifest["seal"] = manifests.seal(manifest)
    note.write_text(json.dumps(manifest))


def _cut(folder: pathlib.Path) -> None:
    path = folder / "run" / "model" / _NAME
    path.write_bytes(path.read_bytes()[:1000])


def _cut_and_sealed(folder: pathlib.Path) -> None:
    _cut(folder)
    _seal(folder)


def _another(folder: pathlib.Path) -> None:
    _pack(folder / "run" / "model" / _NAME, _good())
    _seal(folder)


def _of_commands():
    for command, words in (
        ("sample", ("--num=2",)),
        ("export", ()),
        ("study", ("--study=saturation",)),
    ):
        for name, setup, says in (
            ("is cut", _cut, "changed after it was written"),
            ("is cut, its digest mended", _cut_and_sealed, "holds no energy"),
            ("is another network", _another, "than its manifest says"),
        ):
            yield Trial(
                name=f"{command}: {_NAME} {name}",
                command=command,
                args=("--out=run", *words),
                needs="model",
                setup=setup,
                says=(_NAME, says),
            )


TRIALS = (*_of_calls(), *_of_commands())
