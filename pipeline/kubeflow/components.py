"""What the components of the pipeline do: each runs its stage, as its command does.

What KFP hands over as artifacts, `kfp.dsl.Artifact`, is used by `uri` and `path` alone.
"""

import dataclasses
import os
import shutil
from collections.abc import Mapping

from ebm_tf import json_files, registry, settings

from ..console import cli
from ..settings import overrides
from ..settings.config import RunConfig
from ..stages.evaluate import evaluate as evaluate_stage
from ..stages.whole_run import steps
from ..store import artifacts, replacement


@dataclasses.dataclass(frozen=True)
class Task:
    """What a component gets.

    Attributes:
        settings: A `RunConfig` as JSON text.
        overrides: "field=value" texts, which change it.
        seed: A whole number.
        run_folder: Where artifacts lie under the names that commands give them, and
            are made anew only if they must; "" leaves their place to KFP.
        parameters: Other fields of `steps.Order`.
    """

    settings: str
    overrides: list
    seed: int
    run_folder: str
    parameters: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def order(self) -> steps.Order:
        """Returns what the stage is asked for.

        Raises:
            ValueError: If a setting is wrong.
            TypeError: If one has the wrong type.
        """
        registry.import_entry_points()
        data = overrides.apply_overrides(
            json_files.parse_object(self.settings, "settings"), self.overrides
        )
        config = settings.from_dict(RunConfig, data)
        return steps.Order(config=config, seed=self.seed, **self.parameters)

    def place(self, output, name: str) -> str:
        """Returns the path to write an output to, and tells KFP."""
        if self.run_folder:
            output.uri = os.path.join(self.run_folder, name)
        return output.path


def run(stage: str, task: Task, inputs: Mapping, output) -> artifacts.Artifact:
    """Runs a stage with the messages, signals and exit codes of its command.

    Args:
        stage: One of `steps.BY_NAME`.
        task: What is asked for.
        inputs: What KFP hands over, by the names of the step's inputs.
        output: Where KFP wants the artifact.

    Returns:
        The artifact.

    Raises:
        SystemExit: If the stage fails, after a line that says why.
    """
    step, made = steps.BY_NAME[stage], []

    def body(values):
        paths = {name: inputs[name].path for name in step.inputs}
        with replacement.on():
            order = task.order()
            made.append(step.run(order, paths, task.place(output, step.output)))

    cli.run(stage, "", (), body, args=())
    return made[0]


def show(task: Task, evaluation: artifacts.Artifact, metrics, report) -> None:
    """Gives KFP the numbers and the page of an evaluation."""
    numbers = json_files.read_json(evaluation.file("metrics.json"))
    for name, value in evaluate_stage.scalars(numbers):
        metrics.log_metric(name, value)
    if task.run_folder:
        report.uri = evaluation.file("report.html")
    else:
        shutil.copy(evaluation.file("report.html"), report.path)
