"""The state of a training that another runtime went on with, on its way back."""

import dataclasses
import os

from ebm_tf import checks, files, json_files, settings

from ..settings.config import RunConfig
from ..store import artifacts, replacement

# What the model says of it; written before the state is taken over.
NOTE = "carried.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Carried:
    """What `NOTE` holds: digests of the state and of the artifact `update`."""

    state: str
    update: str


@dataclasses.dataclass(frozen=True)
class ExternalState:
    """A state that another runtime left, and the program that it ran.

    Attributes:
        update: The artifact `update`.
        path: File of the state, as `examples/stablehlo_train.py` leaves it.
        digest: Its sha256.
    """

    update: artifacts.Artifact
    path: str
    digest: str

    def require(
        self, config: RunConfig, examples: artifacts.Artifact, seed: int
    ) -> None:
        """Raises ValueError if the program was exported for another training."""
        wanted = {"energy": config.energy, "train": config.train}
        inputs = {"examples": examples}
        with replacement.on(False):  # it is not this command's to make anew
            artifacts.find(self.update.path, "update", wanted, inputs, seed)

    def accept(self, model: artifacts.Artifact) -> artifacts.Artifact:
        """Returns `model`; raises ValueError if it was made from another state."""
        self._require_same(model.file(NOTE), model.path)
        return model

    def note(self, folder: str) -> dict:
        """Notes in `folder` that this is the state, or compares; returns the note."""
        path = os.path.join(folder, NOTE)
        if os.path.exists(path):
            self._require_same(path, folder)
        note = {"state": self.digest, "update": self.update.digest}
        files.write_text(path, json_files.dump_json(note))
        return note

    def _require_same(self, path: str, place: str) -> None:
        if settings.from_file(_Carried, path).state != self.digest:
            raise checks.InvalidValueError(
                f"{place} was made from another state than {self.path}. "
                "Take another --out, or --replace it"
            )

    def take_over(self, trainer) -> None:
        """Fills the trainer.

        Raises:
            ValueError: If the file is damaged, or belongs to another program.
        """
        from ebm_tf.data import array_files
        from ebm_tf.training import state

        arrays = array_files.read_npz(self.path)
        if files.sha256(self.path) != self.digest:
            raise checks.InvalidValueError(f"{self.path} was changed meanwhile")
        program = self.update.manifest["files"]["update.mlir"]
        found = str(arrays.pop("program", "none"))
        rule = f"that of the program at {self.update.path}, {program}"
        checks.require(found == program, "state[program]", rule, found)
        fed = {r["feeds"] for r in self.update.details["results"] if "feeds" in r}
        missing = sorted(fed - set(arrays))
        checks.require(not missing, "state", "whole", f"without {missing}")
        state.take_over(trainer, {name: arrays[name] for name in fed})


def load(update: str, path: str) -> ExternalState:
    """Returns the state in the file `path`, of the program at `update`.

    Raises:
        FileNotFoundError: If one of them is missing.
        ValueError: If there is something else at `update`.
    """
    checks.require_file(path, "The state")
    return ExternalState(artifacts.load(update, "update"), path, files.sha256(path))
