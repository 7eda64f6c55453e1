"""The pipeline as Kubeflow Pipelines runs it, on one machine or on a cluster.

A component only hands what it gets to `pipeline.components`, which runs the stage: KFP
takes the text of these functions, and nothing else of this file, to where they run. So
each imports what it needs, and the image has this project and its packages.

With a run folder, a place that all components see, artifacts lie there as the commands
leave them, and what is there already is not made again. Without one, KFP keeps them.
"""

import contextlib
import dataclasses
from collections.abc import Iterator

from kfp import dsl
from kfp.dsl import HTML, Artifact, Dataset, Input, Metrics, Model, Output

from ebm_tf import checks

NAME = "ebm-tf"
# kfp.local runs components in processes of its own, whatever the image is.
LOCAL_IMAGE = "python"


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
    component = _component(image)
    stages = {
        function.__name__: component(function)
        for function in (ingest, train, sample, evaluate, export)
    }
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
        ingested = stages["ingest"](data_dir=data_dir, **asked)
        trained = stages["train"](
            examples=ingested.outputs["examples"], strategy=strategy, **asked
        )
        drawn = stages["sample"](model=trained.outputs["model"], **asked)
        judged = stages["evaluate"](
            examples=ingested.outputs["examples"],
            model=trained.outputs["model"],
            samples=drawn.outputs["samples"],
            strategy=strategy,
            **asked,
        )
        exported = stages["export"](
            model=trained.outputs["model"],
            evaluation=judged.outputs["evaluation"],
            force=force_export,
            **asked,
        )
        for task in (ingested, trained, drawn, judged, exported):
            task.set_caching_options(False)  # the stages know what is there
            if resources is not None and task is not ingested:
                resources.ask(task)

    return pipeline


def _component(image: str):
    def decorate(function):
        return dsl.component(function, base_image=image, install_kfp_package=False)

    return decorate


def ingest(
    settings: str,
    overrides: list,
    seed: int,
    run_folder: str,
    data_dir: str,
    examples: Output[Dataset],
):
    """Turns a data set into examples."""
    from . import components

    order = components.Order(settings, overrides, seed, run_folder)
    components.ingest(order, data_dir, examples)


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
    from . import components

    order = components.Order(settings, overrides, seed, run_folder)
    components.train(order, strategy, examples, model)


def sample(
    settings: str,
    overrides: list,
    seed: int,
    run_folder: str,
    model: Input[Model],
    samples: Output[Dataset],
):
    """Draws samples from a model."""
    from . import components

    order = components.Order(settings, overrides, seed, run_folder)
    components.sample(order, model, samples)


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
    from . import components

    order = components.Order(settings, overrides, seed, run_folder)
    inputs = {"examples": examples, "model": model, "samples": samples}
    components.evaluate(order, strategy, inputs, evaluation, metrics, report)


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
    from . import components

    order = components.Order(settings, overrides, seed, run_folder)
    components.export(order, force, model, evaluation, saved_model)
