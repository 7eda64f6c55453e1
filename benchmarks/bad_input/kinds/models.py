"""Files of a model that are cut, empty, of another kind, or missing."""

import pathlib

from benchmarks.bad_input.trial import Trial


def _cut(folder: pathlib.Path) -> None:
    path = folder / "run/model/model.keras"
    path.write_bytes(path.read_bytes()[:1000])


TRIALS = (
    Trial(
        name="sample: model.keras is cut",
        command="sample",
        args=("--out=run", "--num=2"),
        needs="model",
        setup=_cut,
        says=("model.keras",),
    ),
)
