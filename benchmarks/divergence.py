"""One run that diverges, without recovery and with it, and the plot of both.

    ./bazelw run //benchmarks:divergence

trains a tiny network whose chains are far too weak, one small step, twice through the
command `train`: with `train.recovery` null, and with the block given as `--recovery`.
Writes the plot of the gap of energies, from TensorBoard's files, to `--plot`. What is
given after `--` goes to both commands in place of the tiny run, such as

    ./bazelw run //benchmarks:divergence -- --out=/tmp/both -- --preset=mnist \\
        --data_dir=/data/mnist --set=train.optimizer.learning_rate=0.3
"""

import argparse
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from benchmarks import event_files, tiny_run
from ebm_tf.plots import charts, style
from pipeline.console import cli

TINY = (
    *tiny_run.SETTINGS,
    "--set=train.num_updates=300",
    "--set=train.log_every=2",
    "--set=train.image_every=100",
    "--set=train.checkpoint_every=10",
    "--set=train.objective.l2_weight=0",
    "--set=train.optimizer.learning_rate=0.02",
    "--set=train.objective.langevin.num_steps=1",
    "--set=train.objective.langevin.step_size=1.0",
)
RECOVERY = (
    '{"max_retries": 4, "window": 5, "max_gap": 0.3, "max_gradient_norm": null, '
    '"max_saturated_share": null, "min_movement": null, "steps_factor": 4.0, '
    '"learning_rate_factor": 0.3, "step_size_factor": 1.0}'
)


def train(out: str, recovery: str, flags: list[str]) -> None:
    """Runs the command to its end, good or "training diverged" (exit code 1)."""
    process = tiny_run.start(*flags, f"--set=train.recovery={recovery}", f"--out={out}")
    if process.wait() not in (0, 1):
        raise SystemExit(f"the run in {out} ended with exit code {process.returncode}")


def curve(out: str, tag: str) -> tuple[list[int], list[float]]:
    """Returns steps and values of a curve of the run in `out`."""
    logs = os.path.join(out, "logs", "train")
    points = sorted(
        (step, float(value))
        for name, step, value in event_files.values(logs)
        if name == tag
    )
    return [step for step, _ in points], [value for _, value in points]


def draw(runs: dict[str, str], path: str) -> None:
    """Plots the gaps of runs, given as names and folders, and where retries began."""
    gaps = {name: curve(out, "energy/gap") for name, out in runs.items()}
    figure = charts.curves(gaps, "update", "gap of energies, nats")
    axes = figure.axes[0]
    axes.set_yscale("symlog", linthresh=0.1)
    for out in runs.values():
        before = 0.0
        for step, retry in zip(*curve(out, "recovery/retry"), strict=True):
            if retry > before:
                axes.axvline(step, color=style.INK, linewidth=0.8, linestyle=":")
                axes.text(step, axes.get_ylim()[1], f" retry {retry:.0f}")
            before = retry
    style.save(figure, path)
    print(f"wrote {path}")


def main():
    args = sys.argv[1:]
    split = args.index("--") if "--" in args else len(args)
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", default="divergence", help="folder of both runs")
    parser.add_argument("--plot", default="divergence.png")
    parser.add_argument("--recovery", default=RECOVERY, help="the block, JSON")
    values = parser.parse_args(args[:split])
    out, flags = cli.user_path(values.out), args[split + 1 :]
    if not flags:
        examples = os.path.join(out, "examples")
        if not os.path.exists(examples):
            tiny_run.make_examples(examples)
        flags = [*TINY, f"--examples={examples}"]
    runs = {name: os.path.join(out, name) for name in ("without", "with")}
    train(runs["without"], "null", flags)
    train(runs["with"], values.recovery, flags)
    draw(
        {f"{name} recovery": path for name, path in runs.items()},
        cli.user_path(values.plot),
    )


if __name__ == "__main__":
    main()
