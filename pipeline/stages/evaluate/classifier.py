"""Stage `classifier`: examples become the classifier of samples."""

import os

from ebm_tf import checks, interruption

from ...console import tensorflow_import
from ...settings.config import ClassifierConfig
from ...store import artifacts
from ..stage import Plan, stage


@stage("classifier", makes="classifier")
def run(examples: str, out: str, config: ClassifierConfig, seed: int) -> Plan:
    """Makes the artifact `classifier`, unless it is there already.

    It holds `classifier.keras`, from images as they are stored to logits; its details
    say how good it is on the test images. Trained by Adam, whose step size falls to
    zero along half a cosine.

    Args:
        examples: Folder of the artifact `examples`, which must have classes.
        out: Folder of the artifact.
        config: How it is trained.
        seed: A whole number.

    Raises:
        FileNotFoundError: If there are no examples.
        ValueError: If they have no classes, or `out` is something else.
    """
    data = artifacts.peek(examples, "examples")
    return Plan(
        out=out,
        config=config,
        inputs={"examples": data},
        seed=seed,
        prepare=lambda: _require_classes(data),
        write=lambda scratch: _write(data, scratch, config, seed),
    )


def _require_classes(data: artifacts.Artifact) -> None:
    if data.details["num_classes"] is None:
        raise checks.InvalidValueError(f"{data.path} has no classes to tell apart")


def _write(data, scratch, config, seed) -> None:
    tensorflow_import.import_tensorflow()
    import keras

    from ebm_tf import box
    from ebm_tf.data import shards
    from ebm_tf.energy import keras_files
    from ebm_tf.metrics import classifier

    shape, num_classes = tuple(data.details["shape"]), data.details["num_classes"]
    space = box.of_details(data.details)
    model = classifier.build_classifier(shape, num_classes, seed, space)
    _train(model, shards.Examples(data.file("train")), config, seed)
    test = shards.Examples(data.file("test"))
    probs = classifier.class_probs(
        model, lambda indices: test.gather(indices)[0], test.num_examples
    )
    # Without the optimizer's state, which is twice the weights' size.
    plain = keras.Model(model.input, model.output, name=model.name)
    keras_files.save(plain, os.path.join(scratch.folder, "classifier.keras"))
    accuracy = float((probs.argmax(axis=1) == test.labels).mean())
    print(f"classifier: right on {accuracy:.2%} of {test.num_examples:,} test images")
    scratch.details.update(
        shape=list(shape),
        num_classes=num_classes,
        class_names=data.details["class_names"],
        parameters=int(model.count_params()),
        test_accuracy=accuracy,
        num_test=test.num_examples,
    )


def _train(model, examples, config, seed) -> None:
    import keras
    import tqdm

    from ebm_tf.data import batches

    batch_size = min(config.batch_size, examples.num_examples)
    if batch_size < config.batch_size:
        text = "classifier: batches of all {} training examples, not of {}"
        print(text.format(batch_size, config.batch_size))
    num_updates = config.num_epochs * (examples.num_examples // batch_size)
    rate = keras.optimizers.schedules.CosineDecay(config.learning_rate, num_updates)
    model.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    read = batches.batches(examples, seed, batch_size)
    updates = tqdm.tqdm(
        read(0, num_updates),
        desc="classifier",
        unit="update",
        total=num_updates,
        dynamic_ncols=True,
    )
    for images, labels in updates:
        interruption.raise_noted()
        loss = model.train_on_batch(images, labels)
        updates.set_postfix(loss=f"{float(loss):.3f}", refresh=False)
