"""Stage `evaluate`: a model and its samples become numbers, figures and a report."""

import os
import pathlib
from collections.abc import Iterator, Sequence

from ebm_tf import checks, files, json_files

from ...console import tensorflow_import
from ...settings.config import EvaluateConfig
from ...store import artifacts, reading
from .. import gates, networks
from ..stage import Plan, stage
from . import baselines, classifier, image_metrics, level_likelihood, likelihood

# Of event files: which are an earlier evaluation's.
_SUFFIX = ".evaluate"


@stage("evaluate", makes="evaluation")
def run(
    model: str,
    samples: str,
    examples: str,
    out: str,
    config: EvaluateConfig,
    seed: int,
    strategy: str,
) -> Plan:
    """Makes the artifact `evaluation`, unless it is there already.

    It holds `metrics.json`, `report.html`, and for each task the figures and the
    arrays that they were drawn from. TensorBoard's files go to `logs/evaluate`
    beside `out`, the classifier to `classifier`, log-likelihoods to `likelihood`,
    simple densities to compare them with to `baselines`, and features of the data to
    `features_` and their name.
    Examples without classes have no classifier, nor have states that are no images,
    and these have no log-likelihoods and no features.

    Args:
        model: Folder of the artifact `model`.
        samples: Folder of the artifact `samples`, made from that model.
        examples: Folder of the artifact `examples` that the model was trained on.
        out: Folder of the artifact.
        config: What is measured.
        seed: A whole number.
        strategy: Which devices run the chains of the task "likelihood"; see
            `ebm_tf.training.distribution.make_strategy`.

    Raises:
        FileNotFoundError: If an input is missing.
        ValueError: If inputs do not belong together, or `out` is something else.
    """
    paths = {"model": model, "samples": samples, "examples": examples}
    inputs = {kind: artifacts.peek(path, kind) for kind, path in paths.items()}
    run_folder = os.path.dirname(os.path.abspath(out))
    made = {}

    def prepare():
        _require_kinship(inputs)
        made.update(_parts(inputs, run_folder, config, seed, strategy))

    def write(scratch):
        with reading.held(made) as parts:
            results = _measure(inputs, made, config, seed)
            parts.require_unchanged()
        _write(scratch, results, inputs, made, config)
        _write_report(scratch.folder, out, inputs, made, config, seed)
        logs = os.path.join(run_folder, "logs", "evaluate")
        _log(scratch.folder, logs, inputs["model"].details["updates"])

    return Plan(
        out=out,
        config=config,
        inputs=inputs,
        seed=seed,
        prepare=prepare,
        write=write,
        told=_told,
        gpu=config.gpu,
    )


def _parts(inputs, run_folder, config, seed, strategy) -> dict:
    """Makes what has an artifact of its own; returns them by kind."""
    model, examples = inputs["model"].path, inputs["examples"].path
    made, tasks = {}, possible_tasks(config.tasks, inputs["examples"].details)
    if "image_metrics" in tasks:  # first: it may refuse, and others may take hours
        made.update(image_metrics.make(inputs, run_folder, config, seed))
    if "likelihood" in tasks:
        path = os.path.join(run_folder, "likelihood")
        made["likelihood"] = likelihood.run(
            model, examples, path, config.likelihood, seed, strategy
        )
    if "level_likelihood" in tasks:
        path = os.path.join(run_folder, "level_likelihood")
        made["level_likelihood"] = level_likelihood.run(
            model, examples, path, config.level_likelihood, seed
        )
    if {"likelihood", "level_likelihood"} & set(tasks):
        path = os.path.join(run_folder, "baselines")
        made["baselines"] = baselines.run(examples, path, seed)
    if "classifier" in tasks and "classifier" not in made:
        path = os.path.join(run_folder, "classifier")
        made["classifier"] = classifier.run(examples, path, config.classifier, seed)
    return made


def _told(evaluation: artifacts.Artifact) -> Iterator[str]:
    yield f"wrote {evaluation.file('report.html')}"
    for gate in evaluation.details["gates"] or ():
        if not gate["passed"]:
            yield f"not good enough to export: {gates.describe(gate)}"


def _require_kinship(inputs) -> None:
    """What is compared must come from each other; digests tell."""
    for child, parent in (("samples", "model"), ("model", "examples")):
        made_from = inputs[child].manifest["inputs"][parent]
        if made_from["digest"] != inputs[parent].digest:
            raise checks.InvalidValueError(
                f"{inputs[child].path} was made from {made_from['path']}, "
                f"not from {inputs[parent].path}"
            )


def possible_tasks(tasks: Sequence[str], details: dict) -> list[str]:
    """Returns the tasks that can be done; a line says why one cannot.

    Args:
        tasks: Those asked for.
        details: Of the examples.
    """
    found, shape = [], details["shape"]
    levels = details.get("space", {"num_levels": 256}).get("num_levels")
    for task in tasks:
        reason = None
        is_likelihood = task in ("likelihood", "level_likelihood")
        if task not in ("energies", "neighbours") and len(shape) != 3:
            reason = f"it is of images, and these states have the shape {shape}"
        elif is_likelihood and levels is None:
            reason = "it is of images in levels, and these are floats"
        elif task == "classifier" and not details["num_classes"]:
            reason = "the examples have no classes"
        if reason is None:
            found.append(task)
        else:
            print(f"evaluate: left out the task {task}: {reason}")
    return found


def _measure(inputs, made, config, seed) -> dict:
    """Returns the result of every task, by name."""
    tensorflow_import.import_tensorflow()
    from ebm_tf.data.shards import Examples
    from ebm_tf.energy import keras_files
    from ebm_tf.training.distribution import resolve_jit

    from . import likelihood_figures, measurements

    splits = {
        name: Examples(inputs["examples"].file(name))
        for name in ("train", "validation", "test")
    }
    samples = _samples(inputs["samples"])
    sets = {
        name: measurements.choose(part, config.num_images, seed)
        for name, part in splits.items()
    }
    sets["samples"] = measurements.Images(
        *(None if part is None else part[: config.num_images] for part in samples)
    )
    space = splits["train"].space
    spread = measurements.spread_of(sets, space)
    figures = measurements.points_of(sets, space)
    results = {"images": measurements.Result(spread, figures, {})}
    if "energies" in config.tasks:
        energy = networks.load(inputs["model"])
        jit_compile = resolve_jit(inputs["model"].config["train"]["compile"])
        results["energies"] = measurements.energies(
            energy, sets, seed, jit_compile, space
        )
    if "neighbours" in config.tasks:
        results["neighbours"] = measurements.nearest_images(
            splits["train"],
            {name: sets[name] for name in ("test", "samples")},
            config.num_neighbours,
            config.num_shown,
        )
    if "classifier" in made and "classifier" in config.tasks:
        path = made["classifier"].file("classifier.keras")
        results["classifier"] = measurements.classifier_summaries(
            keras_files.read_model(path, "classifier"),
            measurements.Images(*samples),
            splits["test"],
            inputs["examples"].details["class_names"],
        )
    if "level_likelihood" in made:
        results["level_likelihood"] = level_likelihood.result_of(
            made["level_likelihood"], made["baselines"]
        )
    if any(name.startswith(image_metrics.PREFIX) for name in made):
        found = image_metrics.measure(
            inputs, made, config.image_metrics, space, samples[0]
        )
        results["image_metrics"] = measurements.Result(found, {}, {})
    if "likelihood" in made:
        results["likelihood"] = likelihood_figures.result_of(
            made["likelihood"].path, space
        )
        results["likelihood"].metrics["baselines"] = baselines.compared(
            made["baselines"],
            made["likelihood"],
            inputs["examples"],
            config.likelihood,
            seed,
        )
    return results


def _samples(samples: artifacts.Artifact):
    """Returns images and labels, None where there are none."""
    import numpy as np

    from ebm_tf.data import array_files

    labels = None
    if "labels.npy" in samples.manifest["files"]:
        labels = np.asarray(array_files.open_npy(samples.file("labels.npy")))
    # Mapped: there may be more than the memory holds.
    return array_files.open_npy(samples.file("samples.npy")), labels


def _write(scratch, results, inputs, made, config) -> None:
    import numpy as np

    from ebm_tf.plots import style

    metrics = {name: result.metrics for name, result in results.items()}
    if "classifier" in metrics:
        told = made["classifier"].details
        metrics["classifier"] |= {
            name: told[name] for name in ("test_accuracy", "num_test")
        }
    metrics["gates"] = gates.check(metrics, config.gates)
    scratch.details.update({kind: part.digest for kind, part in made.items()})
    scratch.details.update(gates=metrics["gates"])
    path = os.path.join(scratch.folder, "metrics.json")
    files.write_text(path, json_files.dump_json(metrics))
    for name, result in results.items():
        for figure_name, figure in result.figures.items():
            style.save(figure, os.path.join(scratch.folder, f"{figure_name}.png"))
        if result.arrays:
            np.savez_compressed(
                os.path.join(scratch.folder, f"{name}.npz"), **result.arrays
            )
    scratch.details.update(
        tasks=[name for name in results if name != "images"],
        updates=inputs["model"].details["updates"],
    )
    scratch.shown_files.extend(["*.png", "report.html"])


def _write_report(folder, out, inputs, made, config, seed) -> None:
    from . import report

    text = report.render(folder, out, inputs, made, config, seed)
    files.write_text(os.path.join(folder, "report.html"), text)


def _log(folder: str, logs: str, step: int) -> None:
    """Writes numbers and figures for TensorBoard, in place of earlier ones."""
    import numpy as np
    import tensorflow as tf
    from PIL import Image

    from ebm_tf.training import event_writer

    for old in pathlib.Path(logs).glob(f"events.out.tfevents.*{_SUFFIX}"):
        old.unlink()
    metrics = json_files.read_json(os.path.join(folder, "metrics.json"))
    with event_writer.writing(logs, step, _SUFFIX):
        for name, value in scalars(metrics):
            tf.summary.scalar(f"evaluate/{name}", value)
        for entry in sorted(os.listdir(folder)):
            if entry.endswith(".png"):
                picture = Image.open(os.path.join(folder, entry)).convert("RGB")
                tf.summary.image(f"evaluate/{entry[:-4]}", np.asarray(picture)[None])


def scalars(metrics: dict) -> Iterator[tuple[str, float]]:
    """Yields the numbers that are worth a curve, by name.

    Args:
        metrics: What `metrics.json` holds.
    """
    found = metrics.get("energies", {})
    for name, moments in found.get("sets", {}).items():
        yield f"relative_energy/{name}", moments["relative_mean"]
    for auroc in found.get("auroc", []):
        yield f"auroc/{auroc['lower']}_{auroc['higher']}", auroc["area"]
    for name, values in metrics.get("neighbours", {}).get("sets", {}).items():
        yield f"nearest_distance/{name}", values["median"]
    for name, values in metrics.get("classifier", {}).get("sets", {}).items():
        yield f"confident_share/{name}", values["confident_share"]
        yield f"least_class_share/{name}", min(values["class_shares"])
    rows = metrics.get("likelihood", {}).get("rows", [])
    steps = [row["num_leapfrog"] for row in rows if row["counts"]][:1]
    for row in rows:
        for side in ("ais", "raise"):
            place = f"{row['split']}/{row['num_temperatures']}_temperatures"
            if row["from"] == "base" and [row["num_leapfrog"]] == steps:
                yield f"{side}/{place}", row[side]["value"]
    for row in metrics.get("image_metrics", {}).get("rows", []):
        for name in ("samples", "test"):
            yield f"{row['name']}/{name}", row[name]["value"]
    for name, values in metrics["images"].items():
        yield f"saturated_share/{name}", values["saturated_share"]
