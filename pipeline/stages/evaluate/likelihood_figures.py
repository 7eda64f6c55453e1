"""Log-likelihoods that were measured, as numbers and figures of a report."""

import os

import numpy as np

from ebm_tf import json_files
from ebm_tf.box import PIXELS, StateSpace
from ebm_tf.plots import annealing, pictures

from .measurements import Result

AIS = "AIS: optimistic for the model"
RAISE = "RAISE: conservative for p_ann"
_SCANS = {
    "uniform": "AIS, from the uniform density",
    "base": "AIS, from the fitted base",
    "raise": "RAISE",
}
_MAX_ENDS = 50


def result_of(folder: str, space: StateSpace = PIXELS) -> Result:
    """Returns what the artifact `likelihood` at `folder` has to show.

    Args:
        folder: Of the artifact.
        space: The state space.
    """
    metrics = json_files.read_json(os.path.join(folder, "likelihood.json"))
    with np.load(os.path.join(folder, "path.npz")) as arrays:
        path = dict(arrays)
    figures = {
        "likelihood_bounds": _bounds(metrics["rows"]),
        "likelihood_path": annealing.annealing_path(
            path["ess"] / metrics["rows"][0]["ais"]["num_chains"], path["accept_prob"]
        ),
    }
    ends = np.load(os.path.join(folder, "ends.npy"))
    shown = ends[:, : max(10, _MAX_ENDS // len(ends))].reshape(-1, *ends.shape[2:])
    figures["likelihood_ends"] = pictures.image_grid(space.as_bytes(shown), columns=10)
    scans = {}
    for start in metrics["scans"]:
        with np.load(os.path.join(folder, f"scan_{start}.npz")) as arrays:
            scans[_SCANS[start]] = arrays["betas"], arrays["log_likelihood"]
    if scans:
        figures["likelihood_scan"] = annealing.temperature_scan(scans, metrics["beta"])
    return Result(metrics, figures, path)


def _bounds(rows: list[dict]):
    steps = next(row["num_leapfrog"] for row in rows if row["counts"])
    rows = [
        row
        for row in rows
        if row["split"] == "test"
        and row["from"] == "base"
        and row["num_leapfrog"] == steps
    ]
    rows.sort(key=lambda row: row["num_temperatures"])
    sides = {AIS: [row["ais"] for row in rows], RAISE: [row["raise"] for row in rows]}
    return annealing.log_likelihood_bounds(
        [row["num_temperatures"] for row in rows], sides
    )
