"""The command `evaluate`."""

from ebm_tf import json_files

from ..console import cli
from ..settings.config import TASKS
from ..stages.evaluate import evaluate
from . import command, flags

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


def _shorts(values: dict) -> list[str]:
    tasks, num, found = values["tasks"], values["chains_per_batch"], []
    if tasks is not None:
        chosen = [task.strip() for task in tasks.split(",")]
        found.append(f"evaluate.tasks={json_files.dump_json(chosen)}")
    if num is not None:
        found.append(f"evaluate.likelihood.chains_per_batch={num}")
    return found


def _evaluate(request: flags.Request) -> None:
    flags.require_one_worker(request.values["strategy"])
    chosen = request.config.evaluate.tasks if request.values["tasks"] else ()
    out = "_".join(["evaluation", *chosen])
    evaluate.run(
        request.input("model"),
        request.input("samples"),
        request.input("examples"),
        request.output(out),
        request.config.evaluate,
        request.seed,
        request.values["strategy"],
    )


main = command.StageCommand(
    name="evaluate",
    summary="measures a model and its samples, and writes report.html.",
    flags=(
        _TASKS,
        *flags.of_stage("examples", "model", "samples", "strategy"),
        _CHAINS_PER_BATCH,
    ),
    body=_evaluate,
    examples=(
        "--out=runs/digits",
        "--out=runs/digits --tasks=likelihood",
    ),
    sections=("evaluate",),
    shorts=_shorts,
)
