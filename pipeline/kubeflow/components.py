"""What the components of the pipeline do: each runs its stage, as its command does.

What KFP hands over as artifacts, `kfp.dsl.Artifact`, is used by `uri` and `path` alone.
"""

import dataclasses
import os
import shutil
from collections.abc import Callable, Mapping

from ebm_tf import json_files, settings

from ..console import cli
from ..settings import overrides
from ..settings.config import RunConfig
from ..stages import export as export_stage
from ..stages import ingest as ingest_stage
from ..stages import train as train_stage
from ..stages.evaluate import evaluate as evaluate_stage
from ..stages.sample import sample as sample_stage
from ..store import replacement
from . import desk


@dataclasses.dataclass(frozen=True)
class Order:
    """What every component gets.

    Attributes:
        settings: A `RunConfig` as JSON text.
        overrides: "field=value" texts, which change it.
        seed: A whole number.
        run_folder: Where artifacts lie under the names that commands give them, and
            are made anew only if they must; "" leaves their place to KFP.
    """

    settings: str
    overrides: list
    seed: int
    run_folder: str

    def config(self) -> RunConfig:
        """Returns the settings.

        Raises:
            ValueError: If a setting is wrong.
            TypeError: If one has the wrong type.
        """
        data = overrides.apply_overrides(
            json_files.parse_object(self.settings, "settings"), self.overrides
        )
        return settings.from_dict(RunConfig, data)

    def place(self, output, name: str) -> str:
        """Returns the path to write an output to, and tells KFP."""
        if self.run_folder:
            output.uri = os.path.join(self.run_folder, name)
        return output.path


def ingest(order: Order, data_dir: str, examples) -> None:
    """Runs the stage `ingest`; an empty `data_dir` is none."""

    def body(config):
        out = order.place(examples, "examples")
        ingest_stage.run(data_dir or None, out, config.ingest, order.seed)

    _run("ingest", order, body)


def train(order: Order, strategy: str, examples, model) -> None:
    """Runs the stage `train`."""

    def body(config):
        out = order.place(model, "model")
        train_stage.run(examples.path, out, config, order.seed, strategy)

    _run("train", order, body)


def sample(order: Order, model, samples) -> None:
    """Runs the stage `sample`."""

    def body(config):
        out = order.place(samples, "samples")
        sample_stage.run(model.path, out, config.sample, order.seed)

    _run("sample", order, body)


def evaluate(
    order: Order, strategy: str, inputs: Mapping, evaluation, metrics, report
) -> None:
    """Runs the stage `evaluate`; its numbers and its page are outputs of their own."""

    def body(config):
        out = order.place(evaluation, "evaluation")
        made = evaluate_stage.run(
            **{kind: given.path for kind, given in inputs.items()},
            out=out,
            config=config.evaluate,
            seed=order.seed,
            strategy=strategy,
        )
        numbers = json_files.read_json(made.file("metrics.json"))
        for name, value in evaluate_stage.scalars(numbers):
            metrics.log_metric(name, value)
        if order.run_folder:
            report.uri = made.file("report.html")
        else:
            shutil.copy(made.file("report.html"), report.path)

    _run("evaluate", order, body)


def export(order: Order, force: bool, model, evaluation, saved_model) -> None:
    """Runs the stage `export`."""

    def body(config):
        export_stage.run(
            model.path,
            order.place(saved_model, "export"),
            config.export,
            order.seed,
            config.sample.sampler,
            evaluation.path,
            force,
        )

    _run("export", order, body)


def _run(stage: str, order: Order, body: Callable[[RunConfig], None]) -> None:
    """Runs a stage with the messages, signals and exit codes of its command."""

    def run(values):
        with replacement.on():
            body(order.config())

    with desk.at_work():
        cli.run(stage, "", (), run, args=())
