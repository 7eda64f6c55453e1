"""Files of Keras models that depend on the model alone.

Keras writes into them when they were saved, and where in the memory shared parts of the
model lay.
"""

import json
import os
import re
import shutil
import tempfile
import zipfile

import keras

_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP archive can tell
_ADDRESS = re.compile(r'(?<="shared_object_id": )\d+')


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
