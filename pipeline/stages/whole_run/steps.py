"""The stages of a whole run, in order: from a data set to an exported model.

The command `all` runs them one after the other; `pipeline.kubeflow.dag` makes of the
same table the pipeline for a cluster.
"""

import dataclasses
from collections.abc import Callable, Mapping

from ...settings.config import RunConfig
from ...store.artifacts import Artifact
from .. import export, ingest, requirements, train
from ..evaluate import evaluate
from ..sample import sample


@dataclasses.dataclass(frozen=True, kw_only=True)
class Order:
    """What a run is asked for.

    Attributes:
        config: Of the whole run.
        seed: Decides everything random; a whole number.
        data_dir: Folder with the published files; None downloads them.
        strategy: Which devices; see `ebm_tf.training.distribution.make_strategy`.
        force: Whether to export a model that failed its gates.
    """

    config: RunConfig
    seed: int
    data_dir: str | None = None
    strategy: str = "auto"
    force: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    """A stage of a whole run.

    Attributes:
        name: Of its command; begins its messages.
        output: What its artifact is called in the run folder.
        inputs: What those are called that it is made from.
        parameters: The fields of `Order` that it looks at, besides `config`
            and `seed`.
        run: Makes the artifact, given an order, the paths of the inputs by name and
            the path of the output.
    """

    name: str
    output: str
    inputs: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    run: Callable[[Order, Mapping[str, str], str], Artifact]


def _ingest(order: Order, inputs: Mapping[str, str], out: str) -> Artifact:
    require = requirements.of_run(order.config, out)
    return ingest.run(order.data_dir, out, order.config.ingest, order.seed, require)


def _train(order: Order, inputs: Mapping[str, str], out: str) -> Artifact:
    return train.run(**inputs, out=out, config=order.config, **_devices(order))


def _sample(order: Order, inputs: Mapping[str, str], out: str) -> Artifact:
    return sample.run(**inputs, out=out, config=order.config.sample, seed=order.seed)


def _evaluate(order: Order, inputs: Mapping[str, str], out: str) -> Artifact:
    config = order.config.evaluate
    return evaluate.run(**inputs, out=out, config=config, **_devices(order))


def _export(order: Order, inputs: Mapping[str, str], out: str) -> Artifact:
    return export.run(
        **inputs,
        out=out,
        config=order.config.export,
        seed=order.seed,
        sampler=order.config.sample.sampler,
        force=order.force,
    )


def _devices(order: Order) -> dict:
    return {"seed": order.seed, "strategy": order.strategy}


STEPS = (
    Step(name="ingest", output="examples", parameters=("data_dir",), run=_ingest),
    Step(
        name="train",
        output="model",
        inputs=("examples",),
        parameters=("strategy",),
        run=_train,
    ),
    Step(name="sample", output="samples", inputs=("model",), run=_sample),
    Step(
        name="evaluate",
        output="evaluation",
        inputs=("examples", "model", "samples"),
        parameters=("strategy",),
        run=_evaluate,
    ),
    Step(
        name="export",
        output="export",
        inputs=("model", "evaluation"),
        parameters=("force",),
        run=_export,
    ),
)
BY_NAME = {step.name: step for step in STEPS}
