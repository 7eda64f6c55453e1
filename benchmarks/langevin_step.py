"""Times a Langevin step and an update of the CIFAR-10 network against PyTorch.

    PYTHONPATH=. python benchmarks/langevin_step.py

The network is that of the preset `cifar10_conditional`, Figure 12(a) of the paper,
at batch 16, float32, on the CPU; the other side is `torch_resnet.py`, which needs
`pip install torch==2.13.0`. Before any timing, weights are copied over and energies
must agree to 1e-4 nats, and noise-free chains to a thousandth of their length. The
variants take turns in one process, so that a busy machine slows all of them; medians
and ratios are printed. `--one_thread` gives each side one thread and counts its CPU
time, which leaves out the time that other work takes.
"""

import argparse
import dataclasses
import os
import platform
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf

from ebm_tf import rng, settings
from ebm_tf.box import PIXELS
from ebm_tf.energy.build import bind_condition, build_energy
from ebm_tf.sampling.config import LangevinConfig
from ebm_tf.sampling.langevin import langevin_chain
from ebm_tf.training.distribution import make_strategy
from ebm_tf.training.trainer import Trainer
from pipeline.settings import presets
from pipeline.settings.config import RunConfig

try:
    import torch

    from benchmarks import torch_resnet
except ImportError:
    sys.exit("langevin_step: PyTorch is missing; `pip install torch==2.13.0`")

NUM_CLASSES = 10
SHAPE = (32, 32, 3)
TOLERANCE = 1e-4  # nats
OURS, EAGER, CHANNELS_LAST = "ebm_tf graph", "torch eager", "torch channels last"


def run_config(batch_size: int, num_steps: int) -> RunConfig:
    """Returns the preset of CIFAR-10 at another batch size and length of chain."""
    _, data = presets.read_preset("cifar10_conditional")
    config = settings.from_dict(RunConfig, data)
    langevin = dataclasses.replace(config.train.objective.langevin, num_steps=num_steps)
    objective = dataclasses.replace(config.train.objective, langevin=langevin)
    train = dataclasses.replace(
        config.train, batch_size=batch_size, objective=objective, compile="graph"
    )
    return dataclasses.replace(config, train=train)


def perturb(model) -> None:
    """Moves every weight off its initial value, as training would."""
    draw = np.random.default_rng(0)
    for weight in model.trainable_weights:
        std = 0.02 if weight.path.endswith("conv_2/kernel") else 0.002
        noise = std * draw.standard_normal(weight.shape)
        weight.assign(np.asarray(weight.numpy() + noise, np.float32))


def copy_weights(model, net) -> None:
    """Copies our weights and power-iteration vectors into the PyTorch network."""

    def put(parameter, weight, axes=None):
        array = weight.numpy() if axes is None else weight.numpy().transpose(axes)
        with torch.no_grad():
            parameter.copy_(torch.tensor(array))

    def put_conv(theirs, ours):
        put(theirs.weight, ours.kernel, (3, 2, 0, 1))
        put(theirs.u, ours.u)

    put_conv(net.stem, model.stem)
    for theirs, ours in zip(net.blocks, model.blocks, strict=True):
        for name in ("bias_1", "bias_2", "gain"):
            put(getattr(theirs, name), getattr(ours, name).main)
        put(theirs.gain_shift, ours.gain_shift)
        for name in ("conv_1", "conv_2", "shortcut"):
            if getattr(ours, name) is not None:
                put_conv(getattr(theirs, name), getattr(ours, name))
    put(net.head.weight, model.head.kernel, (1, 0))
    put(net.head.bias, model.head.bias)


def to_torch(x, channels_last: bool):
    """Returns NHWC `x` as an NCHW tensor, contiguous or in channels-last order."""
    x = torch.tensor(x).permute(0, 3, 1, 2)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    return x.contiguous(memory_format=layout)


def our_chain(model, config):
    """Returns `(x, labels, seed) -> x'`, compiled as training compiles it."""

    def chain(x, labels, seed):
        return langevin_chain(bind_condition(model, labels), x, seed, config, PIXELS)

    return tf.function(chain, jit_compile=False, autograph=False)


def make_torch(model, channels_last: bool):
    """Returns a PyTorch network with our weights in the given layout."""
    net = torch_resnet.ResNet(NUM_CLASSES)
    copy_weights(model, net)
    if channels_last:
        net = net.to(memory_format=torch.channels_last)
    return net


def assert_agreement(model, nets, x, labels) -> None:
    """Raises unless energies agree to 1e-4 nats and noise-free chains to 1e-3."""
    ours = model(x, labels).numpy()
    # A small step without noise: one that hits the clip would hide differences.
    config = LangevinConfig(num_steps=3, step_size=1.0, noise_std=0.0, grad_clip=1e3)
    ends = our_chain(model, config)(x, labels, rng.make_seed(0)).numpy()
    spread, moved = np.ptp(ours), np.linalg.norm(ends - x)
    if spread < 100 * TOLERANCE or np.abs(ends - x).max() < 100 * TOLERANCE:
        raise AssertionError("the comparison would not see a difference")
    for name, net in nets.items():
        start = to_torch(x, name == CHANNELS_LAST)
        torch_labels = torch.tensor(labels.numpy()).long()
        with torch.no_grad():
            theirs = net(start, torch_labels).numpy()
        np.testing.assert_allclose(theirs, ours, atol=TOLERANCE, rtol=0, err_msg=name)
        theirs = torch_resnet.langevin_chain(net, start, torch_labels, config)
        # As a whole, not pixel by pixel: where a unit sits on the kink of its leaky
        # ReLU, rounding decides between two slopes.
        apart = np.linalg.norm(theirs.permute(0, 2, 3, 1).numpy() - ends)
        if not apart < 1e-3 * moved:
            raise AssertionError(f"{name}: chains {apart} apart after moving {moved}")
    print(f"energies, spread over {spread:.2f} nats, and chains agree")


def step_runs(model, nets, x, labels, num_steps):
    """Returns what each variant does in its turn, by name."""
    config = run_config(len(x), num_steps).train.objective.langevin
    chain, seed = our_chain(model, config), rng.make_seed(1)
    constant = tf.constant(x)
    runs = {OURS: lambda: chain(constant, labels, seed).numpy()}
    torch_labels = torch.tensor(labels.numpy()).long()
    for name, net in nets.items():
        start = to_torch(x, name == CHANNELS_LAST)
        runs[name] = lambda net=net, start=start: torch_resnet.langevin_chain(
            net, start, torch_labels, config
        )
    return runs


def update_runs(model, strategy, nets, x, labels, num_steps):
    """Returns what each variant does in its turn, by name."""
    config = run_config(len(x), num_steps).train
    trainer = Trainer(model, PIXELS, config, seed=0, strategy=strategy)
    stored = PIXELS.encode(x).numpy()
    runs = {OURS: lambda: trainer.run_update(stored, labels.numpy())}
    torch_labels = torch.tensor(labels.numpy()).long()
    for name, net in nets.items():
        update = torch_resnet.Update(net, config)
        data = to_torch(x, name == CHANNELS_LAST)
        start = torch.rand_like(data)
        runs[name] = lambda update=update, data=data, start=start: update(
            data, start, torch_labels
        )
    return runs


def compare(title: str, runs: dict, num_turns: int, parts: int, clock) -> None:
    """Runs the variants in turns and prints medians and ratios to ours."""
    for run in runs.values():  # compile, allocate
        run()
    seconds = {name: [] for name in runs}
    for _ in range(num_turns):
        for name, run in runs.items():
            begin = clock()
            run()
            seconds[name].append((clock() - begin) / parts)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    print(f"{title}, {num_turns} turns")
    for name, values in seconds.items():
        print(
            f"  {name:20s} median {1000 * medians[name]:8.1f} ms"
            f"  (fastest {1000 * min(values):.1f}, slowest {1000 * max(values):.1f})"
            f"  ratio to ours {medians[name] / medians[OURS]:.2f}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batch_size", type=int, default=16)
    parser.add_argument("--num_turns", type=int, default=7)
    parser.add_argument("--num_steps", type=int, default=10, help="of a timed chain")
    parser.add_argument("--update_steps", type=int, default=60, help="of an update")
    parser.add_argument("--update_turns", type=int, default=5, help="0: no updates")
    parser.add_argument("--one_thread", action="store_true", help="and CPU time")
    args = parser.parse_args()
    clock = time.perf_counter
    if args.one_thread:
        clock = time.process_time
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        torch.set_num_threads(1)

    print(
        f"TensorFlow {tf.__version__}, PyTorch {torch.__version__}, "
        f"{os.cpu_count()} CPUs ({platform.machine()}), "
        f"{torch.get_num_threads()} PyTorch threads"
    )
    strategy = make_strategy("one")
    with strategy.scope():
        model = build_energy(run_config(args.batch_size, 1).energy, SHAPE, seed=0)
    perturb(model)
    nets = {EAGER: make_torch(model, False), CHANNELS_LAST: make_torch(model, True)}
    draw = np.random.default_rng(1)
    x = draw.random((args.batch_size, *SHAPE), np.float32)
    labels = tf.constant(draw.integers(0, NUM_CLASSES, args.batch_size), tf.int32)
    assert_agreement(model, nets, x, labels)

    title = f"one Langevin step, batch {args.batch_size}"
    runs = step_runs(model, nets, x, labels, args.num_steps)
    compare(title, runs, args.num_turns, args.num_steps, clock)
    if args.update_turns:
        title = f"one update of {args.update_steps} steps, batch {args.batch_size}"
        runs = update_runs(model, strategy, nets, x, labels, args.update_steps)
        compare(title, runs, args.update_turns, 1, clock)


if __name__ == "__main__":
    main()
