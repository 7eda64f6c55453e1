"""An energy is a function: low where states are likely, with a slope to follow.

    ./bazelw run //examples:energy_landscape_2d

draws a mixture of three Gaussians twice: as energy, with the direction of fastest
descent, and as the density `exp(-E(x)) / Z` that it stands for, with exact samples.
Writes energy_landscape_2d.png into the current folder, or into EBM_TF_OUT.
"""

import os

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.energy.analytic import GaussianMixture
from ebm_tf.plots import style
from ebm_tf.sampling.langevin import energy_gradient

smoke = os.environ.get("EBM_TF_SMOKE") == "1"
# `bazel run` starts elsewhere and says where the user stands.
here = os.environ.get("BUILD_WORKING_DIRECTORY", ".")
out = os.environ.get("EBM_TF_OUT", here)
num_cells, num_samples = (40, 100) if smoke else (200, 1500)

energy = GaussianMixture(
    weight=[1.0, 1.0, 0.6],
    mean=[[-1.1, -0.6], [1.0, -0.4], [0.0, 1.1]],
    std=[[0.35, 0.45], [0.5, 0.3], [0.6, 0.3]],
)

# The energy at every point of a grid. An energy takes a batch and gives nats.
axis = np.linspace(-2.4, 2.4, num_cells, dtype=np.float32)
points = np.stack(np.meshgrid(axis, axis), axis=-1)
energies = energy(points.reshape(-1, 2)).numpy().reshape(num_cells, num_cells)

# Its slope, on a coarser grid: where a sampler would be pushed.
coarse = np.linspace(-2.1, 2.1, 15, dtype=np.float32)
starts = np.stack(np.meshgrid(coarse, coarse), axis=-1).reshape(-1, 2)
descent = -energy_gradient(energy, tf.constant(starts)).numpy()
descent /= np.linalg.norm(descent, axis=1, keepdims=True)

# The density needs log Z, which this energy knows and a network does not.
density = np.exp(-energies - energy.log_z())
samples = energy.sample(num_samples, rng.make_seed(0)).numpy()
cell_area = (axis[1] - axis[0]) ** 2
print(f"log Z = {energy.log_z():.4f} nats")
print(f"density summed over the picture = {density.sum() * cell_area:.4f}")

with style.drawing(11.0, 5.2) as figure:
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    levels = np.linspace(0, 12, 25)
    filled = left.contourf(axis, axis, energies, levels, cmap="viridis", extend="max")
    left.quiver(*starts.T, *descent.T, color="white", alpha=0.8, scale=28, width=0.004)
    left.set_title("energy, and the way down")
    figure.colorbar(filled, ax=left, label="E(x) (nats)", ticks=range(0, 13, 2))
    filled = right.contourf(axis, axis, density, np.linspace(0, 0.45, 31), cmap="Blues")
    right.scatter(*samples.T, s=3, color=style.COLORS["samples"], linewidth=0)
    right.set_title("density exp(-E) / Z, and exact samples")
    figure.colorbar(filled, ax=right, label="p(x)", ticks=[0, 0.1, 0.2, 0.3, 0.4])
    for axes in (left, right):
        axes.set(aspect="equal", xlabel="x[0]", xlim=axis[[0, -1]], ylim=axis[[0, -1]])
        axes.grid(visible=False)
    left.set_ylabel("x[1]")
picture = os.path.join(out, "energy_landscape_2d.png")
style.save(figure, picture)
print(f"wrote {picture}")
