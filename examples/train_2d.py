"""Training an energy on points in the plane, where the truth can be drawn.

    ./bazelw run //examples:train_2d

Trains a small network with the real trainer on a density with known log p, and
draws data, truth, what was learned and what chains find. In the plane log Z is a
sum over a grid, so the distance to the truth can be told in nats. Takes about two
minutes on two CPU cores. Writes train_2d.png into the current folder, or into
EBM_TF_OUT.
"""

import math
import os

import numpy as np
import tensorflow as tf

from ebm_tf import rng
from ebm_tf.box import Box
from ebm_tf.data import synthetic
from ebm_tf.energy.build import build_energy
from ebm_tf.energy.networks.mlp import MlpConfig
from ebm_tf.objectives.contrastive import ContrastiveConfig
from ebm_tf.plots import style
from ebm_tf.sampling.config import LangevinConfig, ReplayConfig
from ebm_tf.training.callbacks import ProgressBar
from ebm_tf.training.config import OptimizerConfig, TrainConfig
from ebm_tf.training.distribution import make_strategy
from ebm_tf.training.trainer import Trainer

smoke = os.environ.get("EBM_TF_SMOKE") == "1"
# `bazel run` starts elsewhere and says where the user stands.
here = os.environ.get("BUILD_WORKING_DIRECTORY", ".")
out = os.environ.get("EBM_TF_OUT", here)
num_updates = 5 if smoke else 3000

truth = synthetic.density("two_moons")
box = Box(low=-synthetic.BOUND, high=synthetic.BOUND, num_levels=None)

# Chains of temperature T sample exp(-E / T). Layers of spectral norm 1 bound the slope
# of E: a low temperature and a large `scale` are what let it be steep enough.
temperature, step = 0.1, 0.004
langevin = LangevinConfig(
    num_steps=30,
    step_size=step / temperature,
    noise_std=math.sqrt(2.0 * step),
    grad_clip=None,
)
config = TrainConfig(
    num_updates=num_updates,
    batch_size=128,
    objective=ContrastiveConfig(
        contrast="cd",
        l2_weight=0.01,
        langevin=langevin,
        replay=ReplayConfig(
            capacity=10_000,
            fresh_prob=0.05,
            labels="data",
            write="in_place",
        ),
    ),
    optimizer=OptimizerConfig(
        learning_rate=4e-3,
        final_learning_rate=1e-4,
        beta_1=0.0,
        beta_2=0.999,
        epsilon=1e-8,
        num_sigmas=3.0,
        ema_decay=0.99,
        ema_start="zeros",
    ),
    dtype="float32",
    compile="graph",
    log_every=10,
    image_every=10,
    preview_steps=1,
    checkpoint_every=10,
    keep_checkpoints=1,
)
network = MlpConfig(
    widths=(128, 128, 128),
    scale=30.0,
    activation="swish",
    kernel_initializer="glorot_uniform",
    normalize_head=False,
)
strategy = make_strategy("one")
with strategy.scope():
    energy = build_energy(network, truth.event_shape, seed=0)
trainer = Trainer(energy, box, config, seed=0, strategy=strategy)


draw = tf.function(lambda seed: truth.sample(config.batch_size, seed=seed))


def batches(first, last):
    """Data of update t: fresh points, from a seed of its own."""
    labels = np.zeros(config.batch_size, np.int32)  # of no use to this energy
    for update in range(first, last):
        yield draw(rng.fold_in(rng.make_seed(1), update)).numpy(), labels


trainer.fit(batches, [ProgressBar(trainer)])

# Both densities on a grid; log Z of the network is a sum over the box.
axis = np.linspace(box.low, box.high, 60 if smoke else 240, dtype=np.float32)
points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
cell_area = (axis[1] - axis[0]) ** 2
true_density = np.exp(truth.log_prob(points).numpy()).reshape(len(axis), -1)
scores = -energy(points).numpy().astype(np.float64) / temperature
log_z = np.logaddexp.reduce(scores) + math.log(cell_area)
density = np.exp(scores - log_z).reshape(len(axis), -1)

# How far from the truth: the Kullback-Leibler divergence, nats, over unseen data.
data_seed, chain_seed = rng.split(rng.make_seed(2), 2)
unseen = truth.sample(2000, seed=data_seed)
log_p = -energy(unseen).numpy() / temperature - log_z
gap = truth.log_prob(unseen).numpy() - log_p
print(f"KL(truth | model) = {gap.mean():.3f} +- {gap.std() / 2000**0.5:.3f} nats")
negatives = trainer.memory.part(0).states(2000).numpy()

# The energy in the unit that matters to chains, from its lowest point up.
height = (scores.max() - scores).reshape(len(axis), -1)

with style.drawing(15.0, 4.3) as figure:
    panels = figure.subplots(1, 4, sharex=True, sharey=True)
    levels = np.linspace(0, true_density.max(), 25)
    panels[0].contourf(axis, axis, true_density, levels, cmap="Blues")
    panels[0].scatter(*unseen[:600].numpy().T, s=2, color=style.INK, linewidth=0)
    panels[0].set_title("truth, and data")
    panels[1].contourf(axis, axis, height, np.linspace(0, 20, 21), extend="max")
    panels[1].set_title("learned energy / T")
    panels[2].contourf(axis, axis, density, levels, cmap="Blues", extend="max")
    panels[2].set_title("learned density")
    panels[3].scatter(*negatives.T, s=2, color=style.COLORS["samples"], linewidth=0)
    panels[3].set_title("ends of chains")
    for axes in panels:
        axes.set(aspect="equal", xlim=(-4, 4), ylim=(-4, 4), xlabel="x[0]")
        axes.grid(visible=False)
    panels[0].set_ylabel("x[1]")
picture = os.path.join(out, "train_2d.png")
style.save(figure, picture)
print(f"wrote {picture}")
