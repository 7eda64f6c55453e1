"""Langevin chains on a double well: from uniform noise to the right moments.

    ./bazelw run //examples:langevin_2d

Follows chains on an energy whose density is known, and compares the moments of
where they end with those of exact samples. Chains have the temperature
`noise_std**2 / (2 * step_size)`, here 1, so they sample `exp(-E)`. Writes
langevin_2d.png into the current folder, or into EBM_TF_OUT.
"""

import math
import os

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import Box
from ebm_tf.energy.analytic import DoubleWell
from ebm_tf.plots import style
from ebm_tf.sampling.config import LangevinConfig
from ebm_tf.sampling.trace import langevin_trace

smoke = os.environ.get("EBM_TF_SMOKE") == "1"
# `bazel run` starts elsewhere and says where the user stands.
here = os.environ.get("BUILD_WORKING_DIRECTORY", ".")
out = os.environ.get("EBM_TF_OUT", here)
num_chains, num_steps, every = (50, 40, 2) if smoke else (4000, 2500, 10)

energy = DoubleWell(depth=2.0, std=0.5)
box = Box(low=-2.5, high=2.5, num_levels=None)
step_size = 0.002
config = LangevinConfig(
    num_steps=num_steps,
    step_size=step_size,
    noise_std=math.sqrt(2.0 * step_size),
    grad_clip=None,
)

start_seed, chain_seed, exact_seed = rng.split(rng.make_seed(0), 3)
start = box.uniform(start_seed, (num_chains, 2))
trace = tf.function(langevin_trace, autograph=False)
states = trace(energy, start, chain_seed, config, box, every).numpy()
exact = energy.sample(100_000, exact_seed).numpy()

# Moments with the standard error of a mean over independent chains. What is left
# beyond it is the error of a finite step, which no accept step takes away here.
print("mean of       chains            exact")
for name, moment in (
    ("x[0]", lambda x: x[:, 0]),
    ("x[1]", lambda x: x[:, 1]),
    ("x[0]**2", lambda x: x[:, 0] ** 2),
    ("x[1]**2", lambda x: x[:, 1] ** 2),
    ("E(x)", lambda x: energy(x).numpy()),
):
    values = moment(states[-1])
    error = values.std() / math.sqrt(num_chains)
    print(
        f"{name:<10} {values.mean():+.3f} +- {error:.3f}    {moment(exact).mean():+.3f}"
    )

axis = np.linspace(-2.5, 2.5, 150, dtype=np.float32)
points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
energies = energy(points).numpy().reshape(len(axis), len(axis))
# The exact density of x[0] alone: exp(-E) summed over the other axis.
marginal = np.exp(-energies - energy.log_z()).sum(axis=0) * (axis[1] - axis[0])

with style.drawing(13.0, 4.6) as figure:
    paths, ends, curve = figure.subplots(1, 3)
    levels = np.linspace(0, 12, 13)
    paths.contour(axis, axis, energies, levels, colors=style.FAINT)
    for chain, color in enumerate(("#0072b2", "#d1410c", "#009e73")):
        path = states[:80, chain]
        paths.plot(*path.T, linewidth=0.8, color=color)
        paths.plot(*path[0], "o", ms=8, color=color, mec="white", zorder=3)
        paths.plot(*path[-1], "*", ms=17, color=color, mec="white", zorder=3)
    paths.set(aspect="equal", xlabel="x[0]", ylabel="x[1]")
    paths.grid(visible=False)
    paths.set_title(f"three chains, from o to *, {every * 80} steps")
    ends.hist(states[-1, :, 0], 50, density=True, alpha=0.5, label="ends of chains")
    ends.plot(axis, marginal, color=style.INK, label="exact")
    ends.set(xlabel="x[0]", ylabel="density", xlim=(-2.5, 2.5), ylim=(0, 1))
    ends.set_title("where all chains end")
    ends.legend(loc="upper center", ncols=2)
    means = [energy(x).numpy().mean() for x in states[:61]]
    curve.plot(np.arange(len(means)) * every, means, label="chains")
    exact_mean = energy(exact).numpy().mean()
    curve.axhline(exact_mean, color=style.INK, linestyle=":", label="exact")
    curve.set(xlabel="Langevin steps", ylabel="mean energy (nats)", xlim=(0, 600))
    curve.set_title("how fast they get there")
    curve.legend()
picture = os.path.join(out, "langevin_2d.png")
style.save(figure, picture)
print(f"wrote {picture}")
