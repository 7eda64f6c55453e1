"""The task "image_metrics" of `evaluate`: samples against data by features."""

import os
from collections.abc import Mapping

from ebm_tf.metrics.config import ImageMetricsConfig
from ebm_tf.metrics.feature_sets import Estimate, Features
from ebm_tf.metrics.measures import Reference

from ...settings.config import EvaluateConfig
from ...store import artifacts
from .. import requirements
from . import classifier, features

PREFIX = "features_"


def make(
    inputs: Mapping[str, artifacts.Artifact],
    run_folder: str,
    config: EvaluateConfig,
    seed: int,
) -> dict[str, artifacts.Artifact]:
    """Makes the features of the data, and the classifier that some are of.

    Args:
        inputs: The artifacts "samples" and "examples".
        run_folder: Where the artifacts go.
        config: Of the evaluation.
        seed: A whole number.

    Returns:
        The artifacts, by the names of their folders: "features_KIND" and perhaps
        "classifier".

    Raises:
        FileNotFoundError: If the weights of a network are not there.
        ValueError: If they are others, or there are too few images.
    """
    details, made = inputs["examples"].details, {}
    requirements.require_image_metrics(config, details, _num_samples(inputs))
    kinds = requirements.possible_features(config, details)
    for kind in config.image_metrics.features:
        if kind not in kinds:
            reason = "the examples have no classes"
            print(f"evaluate: left out the features {kind}: {reason}")
    num, num_train = _kept(config.image_metrics, details)
    for kind in kinds:
        network, of_classes = config.image_metrics.features[kind], None
        if network.needs_classifier:
            of_classes = os.path.join(run_folder, "classifier")
            made["classifier"] = classifier.run(
                inputs["examples"].path, of_classes, config.classifier, seed
            )
        out = os.path.join(run_folder, f"{PREFIX}{kind}")
        made[f"{PREFIX}{kind}"] = features.run(
            inputs["examples"].path, of_classes, out, network, num, num_train, seed
        )
    return made


def _num_samples(inputs) -> int:
    return inputs["samples"].details["num_samples"]


def _kept(config: ImageMetricsConfig, details: Mapping) -> tuple[int, int | None]:
    """Returns how many images of each split are kept, and the training images."""
    num_examples = details["num_examples"]
    # Of the data alone: other samples find the same features.
    _, num = config.judged(num_examples, config.num_images)
    num_train = config.num_train
    is_all = num_train is None or num_train >= num_examples["train"]
    return num, None if is_all else num_train


def measure(
    inputs: Mapping[str, artifacts.Artifact],
    made: Mapping[str, artifacts.Artifact],
    config: ImageMetricsConfig,
    space,
    samples,
) -> dict:
    """Returns the numbers of samples, and of test images beside them.

    Args:
        inputs: The artifacts "samples" and "examples".
        made: The artifacts of `make`.
        config: What is measured.
        space: The state space.
        samples: All samples as they are stored, `[N, H, W, C]`.

    Returns:
        "num_images"; "features", facts of each network by name; "rows", each with
        "name", "better", and "samples" and "test" with "value" and "standard_error".

    Raises:
        TypeError, ValueError: If samples are beyond the range of the space.
    """
    from ebm_tf.metrics import colours

    details = inputs["examples"].details
    _, num = config.judged(details["num_examples"], _num_samples(inputs))
    judged = samples[:num]
    colours.require_range(judged, space, "samples")
    found = {"num_images": num, "features": {}, "rows": []}
    for name, artifact in made.items():
        if name.startswith(PREFIX):
            kind = name.removeprefix(PREFIX)
            network = config.features[kind]
            of_classes = made["classifier"] if network.needs_classifier else None
            taken = features.take_by(
                network,
                features.load(network, space, of_classes),
                judged.__getitem__,
                num,
            )
            told = ("width", "num_train", "told")
            found["features"][kind] = {each: artifact.details[each] for each in told}
            found["rows"] += _rows(kind, config, taken, *features.read(artifact, num))
    return found


def _rows(
    kind: str,
    config: ImageMetricsConfig,
    judged: Features,
    train: Reference,
    test: Features,
) -> list[dict]:
    """Returns a row for each number of some features."""
    from ebm_tf.metrics import feature_sets

    if feature_sets.are_alike(judged.features):
        print(f"evaluate: all {len(judged.features):,} samples have the same {kind}")
    rows = []
    for measure_of in config.measures.values():
        of_samples, of_test = (measure_of.of(each, train) for each in (judged, test))
        rows += [
            {
                "name": f"{name}_{kind}",
                "better": better,
                "samples": _as_dict(of_samples[name]),
                "test": _as_dict(of_test[name]),
            }
            for name, better in measure_of.better.items()
        ]
    return rows


def _as_dict(found: Estimate) -> dict:
    return {"value": found.value, "standard_error": found.standard_error}
