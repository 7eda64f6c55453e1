"""Stage `study`: what a registered study finds out about a trained model."""

import os

import numpy as np

from ebm_tf import checks, files, json_files
from ebm_tf.sampling.samplers import SamplerConfig
from ebm_tf.studies import StudyConfig

from ..console import tensorflow_import
from ..store import artifacts, unfinished
from . import needs, networks
from .stage import Plan, stage

SPLITS = ("train", "validation", "test")
# Folders of a run folder that are of other stages: no study may be called so.
_TAKEN = (
    "checkpoints",
    "classifier",
    "evaluation",
    "examples",
    "export",
    "level_likelihood",
    "features",
    "likelihood",
    "logs",
    "model",
    "samples",
    "update",
)


def run(
    model: str,
    examples: str,
    out: str,
    config: StudyConfig,
    sampler: SamplerConfig,
    seed: int,
) -> artifacts.Artifact:
    """Makes the artifact of a study, unless it is there already.

    Its kind is the study's. It holds what the study found: NAME.json of each table,
    NAME.png of each figure, NAME.npy of each array; in the manifest, the details.

    Args:
        model: Folder of the artifact `model`.
        examples: Folder of the artifact `examples`; read only by a study that needs
            them.
        out: Folder of the artifact.
        config: The study.
        sampler: The chains of the run; the study says how it uses them.
        seed: A whole number.

    Raises:
        FileNotFoundError: If there is no model, or no examples that are needed.
        ValueError: If `out` is something else, or the study's name is taken, or the
            study refuses the model.
    """
    kind = config.kind
    is_free = kind.isidentifier() and kind not in _TAKEN
    rule = f"an identifier, and not {', '.join(_TAKEN)}"
    checks.require(is_free, "kind", rule, kind)
    make = stage(kind, makes=kind)(_plan)
    return make(model, examples, out, config, sampler, seed)


def _plan(model, examples, out, config, sampler, seed) -> Plan:
    inputs = {"model": artifacts.peek(model, "model")}
    if config.needs_examples:
        inputs["examples"] = artifacts.peek(examples, "examples")
        shapes = [each.details["shape"] for each in inputs.values()]
        rule = f"of states of the model's shape, {shapes[0]}"
        checks.require(shapes[0] == shapes[1], "--examples", rule, shapes[1])
    sampler = config.used_sampler(sampler)
    return Plan(
        out=out,
        config={config.kind: config, "sampler": sampler},
        inputs=inputs,
        seed=seed,
        needs=lambda: needs.of_study(config, inputs["model"].details),
        write=lambda scratch: _write(inputs, scratch, config, sampler, seed),
    )


def _write(inputs, scratch, config, sampler, seed) -> None:
    tensorflow_import.import_tensorflow()
    import tqdm

    from ebm_tf.data.shards import Examples
    from ebm_tf.studies.contract import Subject
    from ebm_tf.training.distribution import resolve_jit

    trained, examples = inputs["model"], inputs.get("examples")
    energy = networks.load(trained)
    splits = examples and {name: Examples(examples.file(name)) for name in SPLITS}
    with tqdm.tqdm(desc=config.kind, unit="step", dynamic_ncols=True) as bar:

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        subject = Subject(
            energy=energy,
            space=energy.space,
            sampler=sampler,
            examples=splits,
            seed=seed,
            jit=resolve_jit(trained.config["train"]["compile"]),
            report=report,
        )
        findings = config.run(subject)
    _save(findings, scratch)


def _save(findings, scratch) -> None:
    from ebm_tf.plots import style

    for name, table in findings.tables.items():
        text = json_files.dump_json(table)
        files.write_text(_path(scratch, f"{name}.json"), text)
    for name, array in findings.arrays.items():
        np.save(_path(scratch, f"{name}.npy"), array, allow_pickle=False)
    for name, figure in findings.figures.items():
        style.save(figure, _path(scratch, f"{name}.png"))
    scratch.details.update(findings.details)
    scratch.notes.update(findings.notes)
    shown = [
        f"{name}.{ending}"
        for ending, found in (("json", findings.tables), ("npy", findings.arrays))
        for name in found
        if name in findings.shown
    ]
    scratch.shown_files.extend(["*.png", *shown])


def _path(scratch, name: str) -> str:
    """Returns the path of a file of the artifact."""
    taken = artifacts.MANIFEST, unfinished.REQUEST, unfinished.PROGRESS
    rule = f"of another file than {', '.join(taken)}"
    checks.require(name not in taken, "tables", rule, name)
    return os.path.join(scratch.folder, name)
