"""What settings ask of the examples, said before anything is written.

Each function takes the details of the artifact `examples`, as its manifest has them,
and its folder, for messages; the artifact itself need not be there yet.
"""

from collections.abc import Callable, Mapping

from ebm_tf import checks
from ebm_tf.likelihood.config import LikelihoodConfig
from ebm_tf.training import recovery

from ..settings.config import EvaluateConfig, RunConfig

Require = Callable[[Mapping], None]


def of_training(config: RunConfig, where: str) -> Require:
    """Returns what raises unless `require_training` holds, given details alone.

    Raises ValueError at once if settings do not go together, whatever the examples.
    """
    require_settings(config)
    return lambda details: require_training(config, details, where)


def of_run(config: RunConfig, where: str) -> Require:
    """Returns what raises unless all stages can be done, given details alone.

    Raises ValueError at once if settings do not go together, whatever the examples.
    """
    require_settings(config)

    def require(details: Mapping) -> None:
        require_training(config, details, where)
        require_evaluation(config.evaluate, details, where)
        require_image_metrics(config.evaluate, details, config.sample.num_samples)

    return require


def require_settings(config: RunConfig) -> None:
    """Raises ValueError if network, objective and sampler do not go together."""
    recovery.require_retries(config.train)
    levels = config.energy.noise_levels
    config.train.objective.require_noise_levels(levels)
    config.sample.sampler.require_energy(levels, config.energy.num_classes)


def require_training(config: RunConfig, details: Mapping, where: str) -> None:
    """Raises ValueError if examples or objective do not fit the network."""
    require_settings(config)
    shape, num_classes = details["shape"], details["num_classes"]
    if config.energy.num_classes is not None:
        checks.require(
            config.energy.num_classes == num_classes,
            "energy.num_classes",
            f"{num_classes}, as of the examples at {where}",
            config.energy.num_classes,
        )
    if config.energy.label_dims is not None:
        names = details.get("label_names", [])
        rule = f"{len(names)}, the numbers of a label at {where}"
        label_dims = config.energy.label_dims
        checks.require(label_dims == len(names), "energy.label_dims", rule, label_dims)
    num_levels = details.get("space", {"num_levels": 256}).get("num_levels")
    config.energy.require_states(tuple(shape), num_levels)


def require_evaluation(config: EvaluateConfig, details: Mapping, where: str) -> None:
    """Raises ValueError if there are too few examples for a task."""
    num_train = details["num_examples"]["train"]
    if "neighbours" in config.tasks:
        checks.require(
            config.num_neighbours <= num_train,
            "evaluate.num_neighbours",
            f"at most the {num_train} training examples",
            config.num_neighbours,
        )
    if "likelihood" in config.tasks:
        require_likelihood(config.likelihood, details, where)


def possible_features(config: EvaluateConfig, details: Mapping) -> list[str]:
    """Returns the features of the task "image_metrics" that can be taken."""
    if "image_metrics" not in config.tasks or len(details["shape"]) != 3:
        return []
    return [
        kind
        for kind, each in config.image_metrics.features.items()
        if details["num_classes"] or not each.needs_classifier
    ]


def require_image_metrics(
    config: EvaluateConfig, details: Mapping, num_samples: int
) -> None:
    """Raises if there are too few images for a measure, or features cannot be taken.

    Args:
        config: Of the evaluation.
        details: Of the examples.
        num_samples: Of the model.

    Raises:
        FileNotFoundError: If the weights of a network are not there.
        ValueError: If they are others, or images too few or none for the network.
    """
    for kind in possible_features(config, details):
        found = config.image_metrics
        name, num = found.judged(details["num_examples"], num_samples)
        for measure in found.measures.values():
            measure.require(num, found.features[kind].width, name)
        is_bounded = details.get("space", {"kind": "box"})["kind"] == "box"
        found.features[kind].require(tuple(details["shape"]), is_bounded)


def require_likelihood(config: LikelihoodConfig, details: Mapping, where: str) -> None:
    """Raises ValueError if there are too few examples for log-likelihoods."""
    least = {"train": 2, "test": 2} | ({} if config.beta else {"validation": 1})
    for split, num in least.items():
        found = details["num_examples"].get(split, 0)
        rule = f"with {num} images or more in the split {split}"
        checks.require(found >= num, "examples", rule, f"{where}, which has {found}")
