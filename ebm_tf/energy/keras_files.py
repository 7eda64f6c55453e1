"""Files of Keras models, written and read in one place.

What is written depends on the model alone: Keras writes into it when it was saved, and
where in the memory shared parts lay. Whatever is wrong with what is read is one line.

A `.keras` file is a ZIP archive of `config.json`, `metadata.json` and the weights in
HDF5. It is looked at before Keras is given it: how large it says it is, and what
classes it wants. No module is imported for it, and no code in it is run.
"""

import errno
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator

import keras

from ebm_tf import checks, files, resources

_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP archive can tell
_ADDRESS = re.compile(r'(?<="shared_object_id": )\d+')
_MAX_CONFIG_BYTES = 1 << 26
# Keras does not pack what it stores; who packs a file again may gain this much.
_MAX_RATIO, _ALWAYS = 100, 1 << 26
# Errors of the system, not of the file.
_OF_SYSTEM = (errno.EMFILE, errno.ENFILE, errno.EACCES, errno.EIO, errno.ENOSPC)


def read_model(
    path: str, what: str, look: Callable[[dict], object] = lambda config: None
) -> keras.Model:
    """Returns the model in a `.keras` file.

    Args:
        path: Where it is.
        what: What it is, such as "energy", for messages.
        look: Called with the model's `config`, before anything is made of it; raises
            if it is not to be read.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, too large, of another kind, wants a class that
            nothing has registered, or holds code.
    """
    try:
        config = _looked_at(path)
        _require_safe(path, config)
        look(config)
        with resources.lowered_by(path):
            return keras.models.load_model(path, compile=False)
    except checks.InputError:
        raise
    except Exception as error:  # whatever zipfile, json, h5py, Keras and `look` raise
        if isinstance(error, OSError) and error.errno in _OF_SYSTEM:
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        text = f"{path} holds no {what} that can be read ({reason[:200]})"
        raise checks.InvalidValueError(text) from error


def _looked_at(path: str) -> dict:
    """Returns what the archive says of its model, after a look at its sizes."""
    with (
        files.opened(path, "the saved network") as stream,
        zipfile.ZipFile(stream) as archive,
    ):
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        stream.seek(0, 2)
        most = min(
            resources.available_memory(),
            max(_ALWAYS, _MAX_RATIO * stream.tell()),
        )
        declared, config = sum(sizes.values()), sizes.get("config.json", 0)
        if declared > most or config > _MAX_CONFIG_BYTES:
            raise checks.InvalidValueError(
                f"{path} says that it unpacks to {declared:,} bytes (config.json "
                f"{config:,}), and may to {most:,} ({_MAX_CONFIG_BYTES:,})"
            )
        return json.loads(archive.read("config.json"))


def _require_safe(path: str, config: dict) -> None:
    """Raises if a class in a configuration is not Keras's and not registered."""
    for each in _objects(config):
        name, module = str(each["class_name"]), str(each.get("module") or "")
        own = each.get("registered_name")
        known = keras.saving.get_registered_object(str(own)) if own else None
        package = module.partition(".")[0]
        if "lambda" in name.lower():
            raise checks.InvalidValueError(
                f"{path} holds code, in a {name}: a network is of layers that have "
                "names"
            )
        if known is None and package not in ("", "keras", "builtins"):
            raise checks.InvalidValueError(
                f"{path} holds a network with {own or f'{module}.{name}'}, which no "
                "imported module registers: import it first "
                f"(--import={module})"
            )


def _objects(value) -> Iterator[dict]:
    """Yields what Keras would make an object of, in any depth."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "class_name" in value:
                yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def save(model: keras.Model, path: str) -> None:
    """Writes a model to `path` (.keras): the same bytes, whenever and wherever."""
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path) or ".") as folder:
        timed = os.path.join(folder, "timed.keras")
        model.save(timed)
        _copy(timed, path)


def _copy(source: str, target: str) -> None:
    """Copies a file of Keras, a ZIP archive, but for what is not the model's."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            info = zipfile.ZipInfo(entry.filename, _NO_TIME)
            if entry.filename == "metadata.json":
                metadata = json.loads(old.read(entry)) | {"date_saved": ""}
                new.writestr(info, json.dumps(metadata))
                continue
            if entry.filename == "config.json":
                new.writestr(info, _numbered(old.read(entry).decode()))
                continue
            info.file_size = entry.file_size  # beyond 2 GiB the head is another
            with old.open(entry) as content, new.open(info, "w") as copy:
                shutil.copyfileobj(content, copy)


def _numbered(config: str) -> str:
    """Returns a configuration with numbers for the addresses of shared parts."""
    numbers: dict[str, str] = {}
    return _ADDRESS.sub(
        lambda found: numbers.setdefault(found[0], str(len(numbers) + 1)), config
    )
