"""Stage `export`: a model becomes a SavedModel, for programs without ebm_tf."""

import os

from ebm_tf import checks, settings
from ebm_tf.sampling.samplers import SamplerConfig

from ..console import tensorflow_import
from ..settings.config import ExportConfig
from ..store import artifacts
from . import gates, needs, networks
from .stage import Plan, stage


@stage("export", makes="export")
def run(
    model: str,
    out: str,
    config: ExportConfig,
    seed: int,
    sampler: SamplerConfig | None = None,
    evaluation: str | None = None,
    force: bool = False,
) -> Plan:
    """Makes the artifact `export`, unless it is there already.

    It holds the SavedModel in `1`, so that the artifact's folder is what TensorFlow
    Serving takes; the manifest's details list the signatures. If asked for,
    `stablehlo` holds a program that samples; the details list its arguments.

    Args:
        model: Folder of the artifact `model`.
        out: Folder of the artifact.
        config: Bounds on requests.
        seed: A whole number; nothing here is random, requests bring their own.
        sampler: The chains; None means those of the model's own settings for
            `sample`.
        evaluation: Folder of the artifact `evaluation` of that model, whose gates it
            must have passed; None asks for none.
        force: Whether to export a model that failed.

    Raises:
        FileNotFoundError: If there is no model.
        ValueError: If `out` is something else, the evaluation is of another model, or
            the sampler has a step size that is still to be found.
        GateFailed: If the model is not good enough.
    """
    trained = artifacts.peek(model, "model")
    gates_note = None if evaluation is None else _gates_note(evaluation, trained, force)
    if sampler is None:
        sampler = settings.from_dict(
            SamplerConfig, trained.config["sample"]["sampler"], "sample.sampler"
        )

    def write(scratch):
        _write(trained, scratch, config, sampler)
        scratch.notes.update(evaluation=gates_note)

    return Plan(
        out=out,
        config={"export": config, "sampler": _frozen(sampler)},
        inputs={"model": trained},
        seed=seed,
        needs=lambda: needs.of_export(config, trained.details),
        write=write,
    )


def _gates_note(evaluation: str, trained: artifacts.Artifact, force: bool) -> dict:
    """Returns what the manifest says of the gates that a model has passed, or not."""
    found = artifacts.peek(evaluation, "evaluation")
    of = found.manifest["inputs"]["model"]
    if of["digest"] != trained.digest:
        raise checks.InvalidValueError(
            f"{evaluation} is of {of['path']}, not of {trained.path}"
        )
    if not force:
        gates.require_passed(found)
    return {
        "path": os.path.abspath(found.path),
        "digest": found.digest,
        "gates": found.details.get("gates", []),
        "forced": force,
    }


def _frozen(sampler: SamplerConfig) -> dict:
    """Returns the settings that an exported sampler has of its own.

    Every request brings its number of steps; only a step that depends on it needs one.
    """
    found = settings.to_dict(sampler)
    if not sampler.depends_on_num_steps:
        del found["num_steps"]
    return found


def _write(trained, scratch, config, sampler) -> None:
    tensorflow_import.import_tensorflow()
    from ebm_tf.energy import precision
    from ebm_tf.export import graph_hash, saved_model, stablehlo

    energy = networks.load(trained)
    energy = precision.in_dtype(energy, config.dtype)
    box = energy.space
    if config.stablehlo is not None:
        scratch.details["stablehlo"] = stablehlo.export_stablehlo(
            energy,
            sampler.kernel_at(box),
            box,
            os.path.join(scratch.folder, "stablehlo"),
            num=config.stablehlo.num,
            num_steps=config.stablehlo.num_steps,
        )
    served = saved_model.ServedEnergy(
        energy,
        box,
        sampler,
        max_num=config.max_num,
        max_steps=config.max_steps,
    )
    signatures = saved_model.export_saved_model(served, scratch.folder)
    # The graph's functions have numbers that depend on what else the process did, and
    # its fingerprint a random one: the digest is over what TensorFlow makes of it.
    scratch.shown_files.extend(saved_model.FILES_OF_THE_PROCESS)
    graph = os.path.join(saved_model.VERSION, "saved_model.pb")
    scratch.details.update(
        signatures=signatures,
        graph=graph_hash.graph_hash(os.path.join(scratch.folder, graph)),
        shape=trained.details["shape"],
        space=box.to_dict(),
        num_classes=trained.details["num_classes"],
        class_names=trained.details["class_names"],
    )
