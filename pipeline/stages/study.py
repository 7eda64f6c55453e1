"""Stage `study`: what a registered study finds out about a trained model."""

import os
from collections.abc import Mapping

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
# Examples of other data are inputs of this name and their own.
_OTHER = "examples_"


def run(
    model: str,
    examples: str,
    out: str,
    config: StudyConfig,
    sampler: SamplerConfig,
    seed: int,
    others: Mapping[str, str] | None = None,
    recipe: Mapping | None = None,
) -> artifacts.Artifact:
    """Makes the artifact of a study, unless it is there already.

    Its kind is the study's. It holds what the study found: NAME.json of each table,
    NAME.png of each figure, NAME.npy of each array; in the manifest, the details.

    Args:
        model: Folder of the artifact `model`; not read by a study that trains its own.
        examples: Folder of the artifact `examples`; read only by a study that needs
            them.
        out: Folder of the artifact.
        config: The study.
        sampler: The chains of the run; the study says how it uses them.
        seed: A whole number.
        others: Folders of the artifacts `samples` and `classifier`, by these names;
            read only by a study that needs them.
        recipe: The sections "ingest", "energy" and "train" of the settings, by these
            names; for a study that needs a recipe.

    Raises:
        FileNotFoundError: If there is no model, or not what else is needed.
        ValueError: If `out` is something else, or the study's name is taken, or the
            study refuses the model, or states are of another shape or kind.
    """
    kind = config.kind
    is_free = kind.isidentifier() and kind not in _TAKEN
    rule = f"an identifier, and not {', '.join(_TAKEN)}"
    checks.require(is_free, "kind", rule, kind)
    make = stage(kind, makes=kind)(_plan)
    return make(model, examples, out, config, sampler, seed, others or {}, recipe)


def _plan(model, examples, out, config, sampler, seed, others, recipe) -> Plan:
    inputs = {}
    if config.needs_model:
        inputs["model"] = require_model(model, config, sampler)
    if config.needs_examples:
        inputs["examples"] = artifacts.peek(examples, "examples")
        if config.needs_model:
            _require_alike(inputs, "examples", "--examples")
    for name in ("samples", "classifier"):
        if getattr(config, f"needs_{name}"):
            inputs[name] = artifacts.peek(others[name], name)
    if "samples" in inputs:
        _require_kinship(inputs)
    for name, path in config.other_examples().items():
        checks.require(name.isidentifier(), "name of examples", "an identifier", name)
        inputs[_OTHER + name] = artifacts.peek(path, "examples")
        _require_alike(inputs, _OTHER + name, name)
    sampler = config.used_sampler(sampler)
    asked = {config.kind: config, "sampler": sampler}
    if config.needs_recipe:
        details = _of_data(model, recipe["ingest"])
        asked |= {name: recipe[name] for name in ("energy", "train")}
    else:
        recipe = None
        details = inputs["model" if config.needs_model else "examples"].details
    return Plan(
        out=out,
        config=asked,
        inputs=inputs,
        seed=seed,
        needs=lambda: needs.of_study(config, details),
        write=lambda scratch: _write(
            inputs, scratch, config, (sampler, seed, details, recipe)
        ),
    )


def _of_data(model: str, ingest) -> dict:
    """Returns shape and state space of a model's data, or of a data set by its name.

    Args:
        model: Folder of the artifact, which may be missing.
        ingest: The data set.
    """
    from ebm_tf.data.sources import base

    if os.path.exists(os.path.join(model, artifacts.MANIFEST)):
        return artifacts.peek(model, "model").details

    shape = base.shape_of(ingest.dataset, ingest.images)
    space = base.of_name(ingest.dataset).space
    rule = "a data set whose state space is known before its files are read"
    checks.require(space is not None, "dataset", rule, ingest.dataset)
    return {"shape": list(shape), "space": dict(space)}


def require_model(
    model: str, config: StudyConfig, sampler: SamplerConfig
) -> artifacts.Artifact:
    """Returns the artifact `model`, if the study is for such a model.

    Args:
        model: Its folder.
        config: The study.
        sampler: The chains of the run.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If the study is not for it.
    """
    made = artifacts.peek(model, "model")
    shape, num_classes = tuple(made.details["shape"]), made.details["num_classes"]
    config.require_model(shape, num_classes, config.used_sampler(sampler))
    return made


def _require_kinship(inputs) -> None:
    samples, model = inputs["samples"], inputs["model"]
    made_from = [each["digest"] for each in samples.manifest["inputs"].values()]
    rule = f"made from {model.path}"
    checks.require(model.digest in made_from, "--samples", rule, samples.path)


def _require_alike(inputs, name: str, told: str) -> None:
    """Raises unless states of an input are of the model's shape, stored as its are."""
    ours, theirs = (inputs[each].details for each in ("model", name))
    rule = f"of states of the model's shape, {ours['shape']}"
    checks.require(ours["shape"] == theirs["shape"], told, rule, theirs["shape"])
    spaces = ours.get("space"), theirs.get("space")
    if None not in spaces:  # artifacts of format 1 do not say it
        rule = f"of the model's state space, {spaces[0]}"
        checks.require(spaces[0] == spaces[1], told, rule, spaces[1])


def _write(inputs, scratch, config, asked) -> None:
    sampler, seed, details, recipe = asked
    tensorflow_import.import_tensorflow()
    import tqdm

    from ebm_tf import box
    from ebm_tf.studies.contract import Subject
    from ebm_tf.training.distribution import resolve_jit

    trained, examples = inputs.get("model"), inputs.get("examples")
    energy = trained and networks.load(trained)
    with tqdm.tqdm(desc=config.kind, unit="step", dynamic_ncols=True) as bar:

        def report(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        subject = Subject(
            energy=energy,
            space=box.of_details(details) if energy is None else energy.space,
            sampler=sampler,
            examples=examples and _splits(examples),
            others={
                name.removeprefix(_OTHER): _splits(each)
                for name, each in inputs.items()
                if name.startswith(_OTHER)
            },
            classifier=_classifier(inputs.get("classifier")),
            samples=_samples(inputs.get("samples")),
            recipe=recipe and _recipe(recipe, details),
            class_names=details.get("class_names"),
            seed=seed,
            jit=resolve_jit(_compile_rule(trained, recipe)),
            report=report,
        )
        findings = config.run(subject)
    _save(findings, scratch)


def _recipe(sections, details):
    from ebm_tf.studies.contract import Recipe

    shape = tuple(details["shape"])
    return Recipe(network=sections["energy"], train=sections["train"], shape=shape)


def _compile_rule(trained, recipe) -> str:
    """Returns that of the model; of a study of models of its own, the device's."""
    if recipe:
        return recipe["train"].compile
    return trained.config["train"]["compile"] if trained else "device"


def _splits(examples) -> dict:
    from ebm_tf.data.shards import Examples

    return {name: Examples(examples.file(name)) for name in SPLITS}


def _classifier(made):
    from ebm_tf.energy import keras_files

    if made is None:
        return None
    return keras_files.read_model(made.file("classifier.keras"), "classifier")


def _samples(made):
    from ebm_tf.data import array_files

    return None if made is None else array_files.open_npy(made.file("samples.npy"))


def _save(findings, scratch) -> None:
    from ebm_tf.plots import style

    for name, table in findings.tables.items():
        text = json_files.dump_json(table)
        files.write_text(_path(scratch, f"{name}.json"), text)
    for name, array in findings.arrays.items():
        files.write_array(_path(scratch, f"{name}.npy"), array)
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
