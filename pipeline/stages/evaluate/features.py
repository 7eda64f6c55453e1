"""Stage `features`: examples become what a network makes of them, once for all models.

A part of `evaluate`, with an artifact for each network.
"""

import os

from ebm_tf import checks, interruption
from ebm_tf.metrics.feature_sets import Features
from ebm_tf.metrics.features import FeatureConfig
from ebm_tf.metrics.measures import Reference

from ...console import tensorflow_import
from ...store import artifacts
from ..stage import Plan, stage

_FILE = "features.npz"


@stage("features", makes="features")
def run(
    examples: str,
    classifier: str | None,
    out: str,
    config: FeatureConfig,
    num_images: int,
    num_train: int | None,
    seed: int,
) -> Plan:
    """Makes the artifact `features`, unless it is there already.

    It holds `features.npz`: mean and covariance of the features of the training images,
    the features of some of these, and features and class probabilities of as many test
    images; all in the order in which they were drawn.

    Args:
        examples: Folder of the artifact `examples`, of images.
        classifier: Folder of the artifact `classifier`, if the features are of it.
        out: Folder of the artifact.
        config: The network.
        num_images: Images of train and of test whose features are kept.
        num_train: Training images whose mean and covariance are taken; None for all.
        seed: A whole number; which images are drawn.

    Raises:
        FileNotFoundError: If there are no examples or no classifier.
        ValueError: If the network takes no such images, all images have the same
            features, or `out` is something else.
    """
    inputs = {"examples": artifacts.peek(examples, "examples")}
    if classifier is not None:
        inputs["classifier"] = artifacts.peek(classifier, "classifier")
    return Plan(
        out=out,
        config={"features": config, "num_images": num_images, "num_train": num_train},
        inputs=inputs,
        seed=seed,
        write=lambda scratch: _write(
            inputs, scratch, config, num_images, num_train, seed
        ),
    )


def _write(inputs, scratch, config, num_images, num_train, seed) -> None:
    tensorflow_import.import_tensorflow()
    import numpy as np

    from ebm_tf.data.shards import Examples
    from ebm_tf.metrics import frechet

    data = inputs["examples"]
    train, test = (Examples(data.file(split)) for split in ("train", "test"))
    network = load(config, train.space, inputs.get("classifier"))
    rows = _drawn(train, seed)[:num_train]
    kept = take(config, network, train, rows[:num_images])
    checked = take(config, network, test, _drawn(test, seed)[:num_images])
    for split, found in (("train", kept), ("test", checked)):
        _require_spread(found, split, data.path)

    def parts():
        yield kept.features
        for first in range(num_images, len(rows), _PART):
            some = rows[first : first + _PART]
            yield take(config, network, train, some).features

    gaussian = frechet.gaussian(parts())
    np.savez(
        os.path.join(scratch.folder, _FILE),
        **gaussian._asdict(),
        train=kept.features,
        test=checked.features,
        test_probs=checked.probs,
    )
    told = config.told(train.shape)
    scratch.details.update(num_train=gaussian.num, num_images=len(kept.features))
    scratch.details.update(width=config.width, told=told)
    print(f"features: {config.kind}, of {gaussian.num:,} training images", end="")
    print(f": {told}" if told else "")


# Images whose features are in memory at a time, beside those that are kept.
_PART = 5000


def _drawn(examples, seed: int):
    """Returns all rows in an order that the seed decides."""
    import numpy as np

    return np.random.default_rng(seed).permutation(examples.num_examples)


def _require_spread(found: Features, split: str, path: str) -> None:
    from ebm_tf.metrics import feature_sets

    same = feature_sets.are_alike(found.features)
    rule = "of images that are not all the same"
    checks.require(not same, "examples", rule, f"{path}, split {split}")


def load(config: FeatureConfig, space, classifier: artifacts.Artifact | None):
    """Returns the network of some features.

    Args:
        config: Which.
        space: The state space of the images.
        classifier: The artifact, if the features are of it.
    """
    from ebm_tf.energy import keras_files

    model = None
    if classifier is not None:
        path = classifier.file("classifier.keras")
        model = keras_files.read_model(path, "classifier")
    return config.network(space, model)


def take(config: FeatureConfig, network, images, rows) -> Features:
    """Returns the features of some rows of images, with a bar that shows how far.

    Args:
        config: Of the network.
        network: The network.
        images: `Examples`.
        rows: Whole numbers, in the order that the features get.
    """
    return take_by(config, network, lambda at: images.gather(rows[at])[0], len(rows))


def take_by(config: FeatureConfig, network, gather, num: int) -> Features:
    """As `take`, of images that a function gathers: see `features.extract`."""
    import tqdm

    from ebm_tf.metrics import features

    title = f"features {config.kind}"
    with tqdm.tqdm(
        desc=title, unit="image", total=num, dynamic_ncols=True, leave=False
    ) as bar:

        def report(done: int) -> None:
            interruption.raise_noted()
            bar.update(done)

        return features.extract(network, gather, num, config, report)


def read(made: artifacts.Artifact, num: int) -> tuple[Reference, Features]:
    """Returns what samples are compared with, and test images to stand beside them.

    Args:
        made: The artifact.
        num: Images of each, at most as many as it holds.
    """
    import numpy as np

    from ebm_tf.metrics.frechet import Gaussian

    with np.load(made.file(_FILE)) as arrays:
        gaussian = Gaussian(arrays["mean"], arrays["covariance"], int(arrays["num"]))
        train = Reference(arrays["train"][:num], gaussian)
        return train, Features(arrays["test"][:num], arrays["test_probs"][:num])
