"""Networks from their configurations, bound to labels, saved and loaded."""

import json
import os
import shutil
import tempfile
import zipfile

import keras
import numpy as np
import tensorflow as tf

from ebm_tf import checks
from ebm_tf.box import StateSpace, of_old_format
from ebm_tf.conditions import require_condition
from ebm_tf.energy.config import EnergyConfig, EnsembleConfig
from ebm_tf.energy.ensemble import EnsembleEnergy
from ebm_tf.energy.model import EnergyModel
from ebm_tf.energy.networks import NETWORKS
from ebm_tf.energy.spectral import refresh_spectra
from ebm_tf.types import EnergyFn

_MODELS = NETWORKS | {EnsembleConfig: EnsembleEnergy}
# u starts at random; this many power iterations bring sigma within some percent.
_FIRST_ITERATIONS = 20
_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP archive can tell


def build_energy(
    config: EnergyConfig,
    shape: tuple[int, ...],
    seed: int,
    space: StateSpace | None = None,
) -> EnergyModel:
    """Returns a new network with weights that depend on `seed` alone.

    Args:
        config: Which network.
        shape: Shape of one state: `(H, W, C)`, `(T, D)` for a sequence, or `(D,)`
            for an MLP.
        seed: A whole number, at least 0.
        space: The state space, or None for who trains it to say.

    Returns:
        The model, built, its spectra estimated.
    """
    model = _MODELS[type(config)](config, shape, space=space)
    _initialize(model, seed)
    refresh_spectra(model, _FIRST_ITERATIONS)
    return model


def _initialize(model: keras.Model, seed: int) -> None:
    """Draws kernels and `u` anew, each from its own seed and no global one."""
    drawn = [
        layer
        for layer in model._flatten_layers()
        if hasattr(layer, "kernel_initializer")
    ]
    for index, layer in enumerate(drawn):
        kernel_seed, u_seed = map(
            int, np.random.SeedSequence([seed, index]).generate_state(2) >> 1
        )
        draw = type(layer.kernel_initializer).from_config(
            layer.kernel_initializer.get_config() | {"seed": kernel_seed}
        )
        layer.kernel.assign(draw(layer.kernel.shape))
        if hasattr(layer, "u"):
            draw = keras.initializers.RandomNormal(stddev=1.0, seed=u_seed)
            layer.u.assign(draw(layer.u.shape))


def bind_condition(model: EnergyModel, labels: tf.Tensor | None) -> EnergyFn:
    """Returns the energy at fixed labels: what samplers take.

    Args:
        model: An energy network.
        labels: One for each row that the energy will be given: `int32 [B]`, or
            `float32 [B, K]` in [0, 1], as `model.condition_space` says; None for an
            unconditional model.

    Returns:
        `[B, ...] -> [B]`, nats.

    Raises:
        ValueError: If labels are missing, or given where there is no use for them.
    """
    require_condition(model.condition_space, labels)
    if labels is None:
        return model
    return lambda x: model(x, labels)


def save_energy(model: EnergyModel, path: str) -> None:
    """Writes `model`, its power-iteration vectors included, to `path` (.keras).

    The same model gives the same bytes, whenever it is saved.
    """
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path) or ".") as folder:
        timed = os.path.join(folder, "timed.keras")
        model.save(timed)
        _copy_without_times(timed, path)


def _copy_without_times(source: str, target: str) -> None:
    """Copies a file of Keras, a ZIP archive, but for when it was saved."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            info = zipfile.ZipInfo(entry.filename, _NO_TIME)
            if entry.filename == "metadata.json":
                metadata = json.loads(old.read(entry)) | {"date_saved": ""}
                new.writestr(info, json.dumps(metadata))
                continue
            info.file_size = entry.file_size  # beyond 2 GiB the head is another
            with old.open(entry) as content, new.open(info, "w") as copy:
                shutil.copyfileobj(content, copy)


def load_energy(path: str) -> EnergyModel:
    """Returns the model that `save_energy` wrote.

    One that says no state space has that of the old format, see `of_old_format`.

    Raises:
        FileNotFoundError: If there is no such file.
    """
    checks.require_file(path, "the saved energy network")
    model = keras.models.load_model(path, compile=False)
    if model.space is None:
        model.space = of_old_format(model.state_shape)
    return model
