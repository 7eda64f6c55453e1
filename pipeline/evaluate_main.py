"""The command `evaluate`."""

from collections.abc import Sequence

from pipeline import cli, config_io, evaluate, flags
from pipeline.config import TASKS

_TASKS = cli.Flag(
    name="tasks",
    group="what",
    value="TASK,...",
    help=f"Some of {', '.join(TASKS)}; short for --set evaluate.tasks=[...]. "
    "The report goes to evaluation_TASK_..., beside that of the settings' own tasks.",
)
_CHAINS_PER_BATCH = cli.Flag(
    name="chains_per_batch",
    group="how",
    kind="whole",
    value="N",
    help="Chains of the task likelihood at a time on each device; short for "
    "--set evaluate.likelihood.chains_per_batch=N.",
)


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    cli.run(
        "evaluate",
        "measures a model and its samples, and writes report.html.",
        (
            _TASKS,
            *flags.of_stage("examples", "model", "samples", "strategy"),
            _CHAINS_PER_BATCH,
        ),
        _evaluate,
        args,
    )


def _evaluate(values: dict) -> None:
    flags.require_one_worker(values["strategy"])
    out, tasks, num = "evaluation", values["tasks"], values["chains_per_batch"]
    if tasks is not None:
        chosen = [task.strip() for task in tasks.split(",")]
        text = config_io.dump_json(chosen)
        values["set"] = [*values["set"], f"evaluate.tasks={text}"]
        out = "_".join([out, *chosen])
    if num is not None:
        text = f"evaluate.likelihood.chains_per_batch={num}"
        values["set"] = [*values["set"], text]
    request = flags.resolve(values)
    evaluate.run(
        request.input("model"),
        request.input("samples"),
        request.input("examples"),
        request.output(out),
        request.config.evaluate,
        request.seed,
        values["strategy"],
    )


if __name__ == "__main__":
    main()
