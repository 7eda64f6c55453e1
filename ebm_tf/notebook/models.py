"""Energies on disk and as served models, and chains on them."""

import os

import numpy as np
import tensorflow as tf

from ebm_tf import checks, pretrained, resources, rng
from ebm_tf.energy.build import bind_condition, load_energy, save_energy
from ebm_tf.energy.model import EnergyModel
from ebm_tf.export import saved_model
from ebm_tf.notebook.condition import tensors_of
from ebm_tf.sampling.driver import run_chain
from ebm_tf.sampling.samplers import SamplerConfig


def load(path: str) -> EnergyModel:
    """Returns a stored energy.

    Args:
        path: A `.keras` file, the folder of a `model`, or a run folder; or "digits",
            which comes with ebm_tf, where no file or folder has that name.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is damaged, or needs classes that are not imported.
    """
    path = pretrained.found(path)
    for name in (path, f"{path}/model.keras", f"{path}/model/model.keras"):
        if os.path.lexists(name) and not os.path.isdir(name):
            return load_energy(name)
    raise checks.MissingFileError(f"there is no model at {path}")


def require_energy(energy) -> None:
    """Raises `ValueError` if this is no energy, such as a Keras model of one's own."""
    rule = "an energy: train it by `Trainer`, or see `ebm_tf.energy.custom.as_energy`"
    is_one = isinstance(energy, EnergyModel)
    checks.require(is_one, "energy", rule, type(energy).__name__)


def save(energy: EnergyModel, path: str) -> None:
    """Writes an energy to a `.keras` file, which `load` reads.

    Raises:
        ValueError: If the path does not end so.
    """
    require_energy(energy)
    checks.require(str(path).endswith(".keras"), "path", "a .keras file", path)
    folder = os.path.dirname(os.path.abspath(path))
    checks.require(os.path.isdir(folder), "path", "in a folder that exists", path)
    save_energy(energy, path)


def sample(
    energy: EnergyModel,
    num: int,
    sampler: SamplerConfig,
    *,
    seed: int = 0,
    condition=None,
) -> np.ndarray:
    """Returns the ends of chains that start from noise.

    Args:
        energy: A trained network.
        num: How many chains, N >= 1; they run together.
        sampler: The chains, such as `ebm_tf.presets.sampler("digits")`.
        seed: A whole number; decides all noise.
        condition: Of a conditional energy, for each chain: classes `[N]`, numbers
            `[N, K]`, or a dict of several by name.

    Returns:
        States, float32 `[N, ...]`, in the energy's state space.

    Raises:
        ValueError: If a condition is missing, or the energy knows no state space.
    """
    checks.require_count("num", num)
    _require_sampler(sampler)
    space = _space_of(energy)
    # Starts, ends and gradients.
    needed = 3 * resources.size((num, *energy.state_shape))
    resources.require([resources.Need("the chains", needed, ("num",))])
    condition = tensors_of(energy.condition_space, condition, num)
    start_seed, pilot_seed, chain_seed = rng.split(rng.make_seed(seed), 3)
    x = space.noise(start_seed, (num, *energy.state_shape))
    energy_fn = bind_condition(energy, condition)
    if sampler.needs_pilot:
        found = sampler.find_step_size(energy_fn, x, pilot_seed, space)
        sampler = sampler.adapted(float(found))
    kernel_at = sampler.kernel_at(space)

    @tf.function(autograph=False)
    def run(x):
        return run_chain(
            kernel_at, energy_fn, x, chain_seed, num_steps=sampler.num_steps
        ).x

    return run(x).numpy()


def export_model(
    energy: EnergyModel,
    folder: str,
    sampler: SamplerConfig,
    *,
    max_num: int = 64,
    max_steps: int = 1000,
) -> dict:
    """Writes a SavedModel that runs without ebm_tf, to `folder/1`.

    Args:
        energy: A trained network.
        folder: Made if it is missing; must not hold a SavedModel yet.
        sampler: The chains of its signatures `sample` and `refine`.
        max_num: Largest number of states of one call.
        max_steps: Largest number of steps of one call.

    Returns:
        What each signature takes and gives: see `ebm_tf.export.saved_model`.

    Raises:
        ValueError: If there is a SavedModel, or the energy knows no state space.
    """
    _require_sampler(sampler)
    path = os.path.join(folder, saved_model.VERSION)
    checks.require(not os.path.exists(path), "folder", "without a SavedModel", folder)
    served = saved_model.ServedEnergy(
        energy, _space_of(energy), sampler, max_num=max_num, max_steps=max_steps
    )
    os.makedirs(folder, exist_ok=True)
    return saved_model.export_saved_model(served, folder)


def _require_sampler(sampler) -> None:
    rule = "a `SamplerConfig`, such as `ebm_tf.presets.sampler(NAME)`"
    checks.require(isinstance(sampler, SamplerConfig), "sampler", rule, sampler)


def _space_of(energy: EnergyModel):
    require_energy(energy)
    rule = "one whose `space` is known: train it, or set it"
    checks.require(energy.space is not None, "energy", rule, energy.name)
    return energy.space
