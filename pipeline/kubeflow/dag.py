"""The pipeline as Kubeflow Pipelines runs it on a cluster.

Its stages, and their order, are those of `pipeline.stages.whole_run.steps`. A component
only hands what it gets to `components.py`, which runs the stage: KFP takes the text of
these functions and of `project`, and nothing else of this file, to where they run. The
image has this project and its packages.

With a run folder, a place that all components see, artifacts lie there as the commands
leave them, and what is there already is not made again. Without one, KFP keeps them.
"""

import contextlib
import dataclasses
from collections.abc import Iterator

from kfp import dsl
from kfp.dsl import HTML, Artifact, Dataset, Input, Metrics, Model, Output

from ebm_tf import checks

from ..stages.whole_run.steps import STEPS

NAME = "ebm-tf"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Resources:
    """What a stage that computes asks of a cluster; None asks for nothing.

    Attributes:
        accelerator: Its type, such as "nvidia.com/gpu".
        accelerator_count: How many.
        cpu: Cores, such as "4" or "500m".
        memory: Such as "16G".
    """

    accelerator: str | None = None
    accelerator_count: int = 1
    cpu: str | None = None
    memory: str | None = None

    def ask(self, task: dsl.PipelineTask) -> None:
        """Sets them on a task.

        Raises:
            ValueError: If KFP does not take one.
        """
        if self.accelerator is not None:
            task.set_accelerator_type(self.accelerator)
            task.set_accelerator_limit(self.accelerator_count)
        with _refused("cpu", self.cpu):
            if self.cpu is not None:
                task.set_cpu_request(self.cpu).set_cpu_limit(self.cpu)
        with _refused("memory", self.memory):
            if self.memory is not None:
                task.set_memory_request(self.memory).set_memory_limit(self.memory)


@contextlib.contextmanager
def _refused(name: str, value) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        rule = f"what KFP takes ({error})"
        raise checks.InvalidValueError(
            f"`{name}` must be {rule} Received: {name}={value!r}"
        ) from error


def define(image: str, settings: str, resources: Resources | None = None):
    """Returns the pipeline.

    Args:
        image: Container image of every component.
        settings: What the parameter of that name is by default, a `RunConfig` as JSON
            in one line: KFP repeats it in a comment.
        resources: Of the stages that compute: all but ingest.
    """
    functions = ingest, train, sample, evaluate, export
    components = {each.__name__: _component(each, image) for each in functions}
    default = settings

    @dsl.pipeline(
        name=NAME,
        description="Examples, an energy-based model, samples, a report, a SavedModel.",
    )
    def pipeline(
        settings: str = default,
        overrides: list = [],  # noqa: B006, KFP reads it as a default
        seed: int = 0,
        data_dir: str = "",
        strategy: str = "auto",
        run_folder: str = "",
        force_export: bool = False,
    ):
        """Runs every stage.

        Args:
            settings: All settings, as a preset holds them: JSON.
            overrides: Other values for some of them, such as
                "train.num_updates=100".
            seed: Decides everything random; a whole number.
            data_dir: Folder with the published files of the data set, as the
                components see it; empty downloads them.
            strategy: Devices: auto, one, mirrored or cpu:N.
            run_folder: Folder that all components see, for artifacts and logs of
                TensorBoard; what is there is not made again. Empty leaves artifacts
                to KFP.
            force_export: Whether to export a model that failed its gates.
        """
        asked = {"settings": settings, "overrides": overrides, "seed": seed}
        asked["run_folder"] = run_folder
        given = {"data_dir": data_dir, "strategy": strategy, "force": force_export}
        made = {}
        for step in STEPS:
            task = components[step.name](
                **asked,
                **{name: given[name] for name in step.parameters},
                **{name: made[name] for name in step.inputs},
            )
            made[step.output] = task.outputs.get(step.output)
            task.set_caching_options(False)  # the stages know what is there
            if resources is not None and step.name != "ingest":
                resources.ask(task)

    return pipeline


def _component(function, image: str):
    return dsl.component(
        function,
        base_image=image,
        install_kfp_package=False,
        additional_funcs=[project],
    )


def project():
    """Returns `components.py`, by the name that the project has where this runs."""
    import importlib

    try:
        return importlib.import_module("ebm_tf.pipeline.kubeflow.components")
    except ModuleNotFoundError as error:
        if error.name != "ebm_tf.pipeline":  # it is installed, and not whole
            raise
        return importlib.import_module("pipeline.kubeflow.components")


def ingest(
    settings: str,
    overrides: list,
    seed: int,
    run_folder: str,
    data_dir: str,
    examples: Output[Dataset],
):
    """Turns a data set into examples."""
    given = {"data_dir": data_dir or None}
    task = project().Task(settings, overrides, seed, run_folder, given)
    project().run("ingest", task, {}, examples)


def train(
    settings: str,
    overrides: list,
    seed: int,
    run_folder: str,
    strategy: str,
    examples: Input[Dataset],
    model: Output[Model],
):
    """Trains an energy network."""
    given = {"strategy": strategy}
    task = project().Task(settings, overrides, seed, run_folder, given)
    project().run("train", task, {"examples": examples}, model)


def sample(
    settings: str,
    overrides: list,
    seed: int,
    run_folder: str,
    model: Input[Model],
    samples: Output[Dataset],
):
    """Draws samples from a model."""
    task = project().Task(settings, overrides, seed, run_folder)
    project().run("sample", task, {"model": model}, samples)


def evaluate(
    settings: str,
    overrides: list,
    seed: int,
    run_folder: str,
    strategy: str,
    examples: Input[Dataset],
    model: Input[Model],
    samples: Input[Dataset],
    evaluation: Output[Artifact],
    metrics: Output[Metrics],
    report: Output[HTML],
):
    """Measures a model and its samples."""
    given = {"strategy": strategy}
    task = project().Task(settings, overrides, seed, run_folder, given)
    inputs = {"examples": examples, "model": model, "samples": samples}
    made = project().run("evaluate", task, inputs, evaluation)
    project().show(task, made, metrics, report)


def export(
    settings: str,
    overrides: list,
    seed: int,
    run_folder: str,
    force: bool,
    model: Input[Model],
    evaluation: Input[Artifact],
    saved_model: Output[Model],
):
    """Writes a model as a SavedModel, if its evaluation lets it pass."""
    task = project().Task(settings, overrides, seed, run_folder, {"force": force})
    inputs = {"model": model, "evaluation": evaluation}
    project().run("export", task, inputs, saved_model)
