"""What stages need by their settings, and the line where it is not there."""

import dataclasses

import pytest

from ebm_tf import checks, gpus, resources, settings
from ebm_tf.studies import StudyConfig
from pipeline.settings import presets
from pipeline.settings.config import RunConfig
from pipeline.stages import needs

DETAILS = {
    "shape": [28, 28, 1],
    "space": {"kind": "box", "low": 0, "high": 1, "num_levels": 256},
    "num_examples": {"train": 60_000, "validation": 100, "test": 10_000},
}
CONFIG = settings.from_dict(RunConfig, presets.read_preset("mnist")[1])


def changed(path: str, value) -> RunConfig:
    *parents, last = path.split(".")
    data = settings.to_dict(CONFIG)
    node = data
    for parent in parents:
        node = node[parent]
    node[last] = value
    return settings.from_dict(RunConfig, data)


def test_what_is_usual_is_there():
    for name in presets.preset_names():
        config = settings.from_dict(RunConfig, presets.read_preset(name)[1])
        for each in (
            *needs.of_training(config, DETAILS),
            *needs.of_samples(config.sample, DETAILS),
            *needs.of_likelihood(config.evaluate.likelihood, DETAILS),
        ):
            assert each.num_bytes < 2**33, (name, each)


def test_a_buffer_is_counted_as_it_is_stored():
    floats = DETAILS | {"space": {"kind": "open", "mean": 0, "std": 1}}
    config = changed("train.objective.replay.capacity", 10**8)
    for details, itemsize in ((DETAILS, 1), (floats, 4)):
        found = {need.what: need for need in needs.of_training(config, details)}
        buffer = found["the replay buffer"]
        assert buffer.num_bytes == 10**8 * 784 * itemsize
        assert buffer.settings == ("train.objective.replay.capacity",)
    few = needs.of_training(config, DETAILS, num_workers=3)[0].num_bytes
    assert few < needs.of_training(config, DETAILS)[0].num_bytes


@pytest.mark.parametrize(
    "path, value, find",
    [
        ("train.objective.replay.capacity", 2**31 - 1, needs.of_training),
        ("sample.num_samples", 2**31 - 1, lambda c, d: needs.of_samples(c.sample, d)),
        ("sample.batch_size", 2**31 - 1, lambda c, d: needs.of_samples(c.sample, d)),
        ("sample.num_strips", 2**31 - 1, lambda c, d: needs.of_samples(c.sample, d)),
        *(
            (
                f"evaluate.likelihood.{name}",
                2**31 - 1,
                lambda c, d: needs.of_likelihood(c.evaluate.likelihood, d),
            )
            for name in (
                "num_chains",
                "pilot.num_chains",
                "scan.num_chains",
                "scan.num_temperatures",
                "chains_per_image",
            )
        ),
        (
            "export.stablehlo",
            {"num": 2**31 - 1, "num_steps": 1},
            lambda c, d: needs.of_export(c.export, d),
        ),
    ],
)
def test_what_is_not_there_is_one_line_that_names_the_setting(path, value, find):
    with pytest.raises(checks.InvalidValueError) as caught:
        resources.require(find(changed(path, value), DETAILS))
    text = str(caught.value)
    assert "bytes of" in text and ", and there are " in text and f"`{path}" in text


def test_activations_of_a_batch_are_counted_in_training_and_sampling(monkeypatch):
    monkeypatch.setattr(gpus, "_DEVICES", ())  # as on a machine without a GPU
    num = CONFIG.energy.num_activations((28, 28, 1))
    assert num > 784
    rows, chains = CONFIG.train.batch_size, CONFIG.sample.batch_size

    def activations(found):
        return {n.what: n.num_bytes for n in found}["the activations of a batch"]

    assert activations(needs.of_training(CONFIG, DETAILS)) == 4 * rows * num
    assert activations(needs.of_training(CONFIG, DETAILS, 2, 2)) == rows * num
    half = changed("train.dtype", "bfloat16")
    assert activations(needs.of_training(half, DETAILS)) == 2 * rows * num
    network = settings.to_dict(CONFIG)["energy"]
    assert (
        activations(needs.of_samples(CONFIG.sample, DETAILS, network))
        == 4 * chains * num
    )
    large = changed("sample.batch_size", 10**7)
    with pytest.raises(checks.InvalidValueError, match="lower `sample.batch_size`$"):
        resources.require(needs.of_samples(large.sample, DETAILS, network)[-1:])
    of_user = needs.of_samples(CONFIG.sample, DETAILS, {"kind": "not_imported"})
    assert all("activations" not in need.what for need in of_user)
    monkeypatch.setattr(gpus, "_DEVICES", ("/dev/null",))
    assert activations(needs.of_training(CONFIG, DETAILS)) == 0


def test_examples_are_counted_as_they_are_stored():
    details = DETAILS | {"label_names": []}
    [need] = needs.of_examples(details, CONFIG.ingest)
    assert need.num_bytes == 70_100 * (784 + 4) and need.of == resources.DISK
    many = details | {"num_examples": {"train": 10**13}}
    with pytest.raises(checks.InvalidValueError) as caught:
        resources.require(needs.of_examples(many, CONFIG.ingest))
    assert str(caught.value).startswith(
        "a data set of 10,000,000,000,000 examples needs 7,880,000,000,000,000 bytes "
        "of disk, and there are "
    )


def test_a_study_says_its_own():
    saturation = StudyConfig.of_kind("saturation")
    config = saturation(
        num_chains=2**30, num_steps=8, every=1, num_shown=1, num_frames=2
    )
    names = {name for need in needs.of_study(config, DETAILS) for name in need.settings}
    assert "studies.saturation.num_chains" in names
    with pytest.raises(checks.InvalidValueError, match="studies.saturation.num_chains"):
        resources.require(needs.of_study(config, DETAILS))
    small = dataclasses.replace(config, num_chains=2)
    resources.require(needs.of_study(small, DETAILS))
