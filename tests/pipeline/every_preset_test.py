"""Every preset trains, samples and exports, on miniature files of its data set.

Networks are narrower than the preset's, with two stages of one block: of the large
ones three updates alone would take minutes. `preset_table_test` builds them at their
size. All else that decides the shapes of things is the preset's own. What is the same
for two presets when they are small, on examples of one shape, is done once.
"""

import dataclasses

import numpy as np
import pytest

from ebm_tf import settings
from ebm_tf.data.sources.small_sprites import SmallSprites
from pipeline.settings import overrides, presets
from pipeline.settings.config import RunConfig
from pipeline.stages import export, ingest, train
from pipeline.stages.sample import sample
from pipeline.store import artifacts
from tests import miniature

_WRITERS = {
    "mnist": miniature.write_mnist,
    "fashion_mnist": miniature.write_mnist,
    "cifar10": miniature.write_cifar10,
    "folder": miniature.write_folder,
    "dsprites": miniature.write_dsprites,
    "trajectory": miniature.write_trajectories,
    "arrays": miniature.write_arrays,
    "digits": lambda folder: None,
    "small_sprites": lambda folder: None,
}
_NARROW = {
    "convnet": ["stem_filters=4", "energy.filters=4"],
    "resnet": ["stem_filters=4"],
    "sprites_net": ["energy.filters=4"],
    "sequence": ["energy.filters=[4, 4]"],
    "mlp": ["energy.widths=[8, 8]"],
    "level_mlp": ["energy.widths=[8, 8]", "energy.embedding=4"],
    "unet": [
        *("energy.widths=[4, 4]", "energy.embedding=4", "middle_blocks=1"),
        "energy.base.num_groups=6",
    ],
    "potential": ["energy.widths=[4, 4]", "energy.embedding=4", "middle_blocks=1"],
    "residual": ["energy.filters=[4, 4]", "energy.dense=4", "energy.units=4"],
}
_SHORT = {
    "contrastive": [
        "train.objective.langevin.num_steps=2",
        "train.objective.replay.capacity=16",
    ],
    "dual_score": [],
    "energy_matching": ["from_update=1", "objective.contrast.chain.num_steps=2"],
    "recovery_likelihood": ["train.objective.num_steps=2"],
    "persistent": ["train.objective.num_leapfrog=2"],
}
_SMALL = [
    "validation_count=4",
    "num_updates=3",
    "train.batch_size=2",
    "train.preview_steps=2",
    "log_every=1",
    "image_every=100",
    "checkpoint_every=3",
    "num_samples=2",
    "sample.batch_size=2",
    "sampler.num_steps=2",
    "process=null",
    "num_strips=1",
    "strip_frames=2",
    "max_num=2",
    "max_steps=2",
]

# Training shows pictures: without labels, with classes, with numbers, annealed.
_WITH_PICTURES = {"cifar10_unconditional", "cifar100", "celeba_attribute", "digits"}


def small(name: str) -> RunConfig:
    """Returns the preset's settings, with fewer and narrower of everything."""
    _, data = presets.read_preset(name)
    changes = _SMALL + _NARROW[data["energy"]["kind"]]
    changes = changes + _SHORT[data["train"]["objective"]["kind"]]
    if data["energy"].get("base", {}).get("kind") == "normal":  # it has no groups
        changes = [change for change in changes if "num_groups" not in change]
    stages = data["energy"].get("stage_filters")
    if stages:
        changes += ["stage_filters=[4, 4]", "stage_blocks=[1, 1]"]
    if data["ingest"]["images"]:
        changes.append("images.size=32")
    if name in _WITH_PICTURES:
        changes.append("image_every=3")
    data = overrides.apply_overrides(data, changes)
    return settings.from_dict(RunConfig, data)


@pytest.fixture(scope="module", autouse=True)
def few_sprites():
    """Of what is drawn, as many as the miniature files of others have."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SmallSprites, "num_examples", {"train": 40, "test": 10})
        yield


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """Returns a folder of miniature files by the name of the data set, made once."""
    made = {}

    def folder_of(dataset):
        if dataset not in made:
            folder = tmp_path_factory.mktemp(dataset)
            writer = _WRITERS.get(dataset)
            made[dataset] = (
                writer(folder) if writer else miniature.write_tfds(folder, dataset)
            )
        return made[dataset]

    return folder_of


@pytest.fixture(scope="module")
def made_by_run():
    """What trainings, sampling and exports made, by what decides it but the images."""
    return {}


@pytest.mark.parametrize("name", presets.preset_names())
def test_three_updates_a_sample_and_an_export(name, data_dir, made_by_run, tmp_path):
    config = small(name)
    paths = {
        kind: str(tmp_path / kind)
        for kind in ("examples", "model", "samples", "export")
    }
    ingest.run(data_dir(config.ingest.dataset), paths["examples"], config.ingest, 0)
    _require_classes(paths["examples"], config)
    shape = artifacts.peek(paths["examples"], "examples").details["shape"]
    trained = repr((shape, config.energy, config.train))
    if trained not in made_by_run:
        made = train.run(paths["examples"], paths["model"], config, 0, "one")
        made_by_run[trained] = made.path
    used = repr((shape, config.energy, config.sample, config.export))
    if used not in made_by_run:
        model = made_by_run[trained]
        made_by_run[used] = (
            sample.run(model, paths["samples"], config.sample, 0),
            export.run(model, paths["export"], config.export, 0),
        )
    made, found = made_by_run[used]
    samples = np.load(made.file("samples.npy"))
    assert samples.shape == (2, *shape)
    assert samples.dtype == (np.uint8 if len(shape) == 3 else np.float32)
    assert np.isfinite(np.load(made.file("energies.npy"))).all()
    labels = (config.energy.num_classes or config.energy.label_dims) is not None
    assert ("labels.npy" in made.manifest["files"]) == labels
    inputs = found.details["signatures"]["energy"]["inputs"]
    assert ("labels" in inputs) == labels


def _require_classes(examples, config):
    """The miniature has the labels of the published data set."""
    details = artifacts.peek(examples, "examples").details
    if config.energy.num_classes is not None and config.ingest.dataset != "folder":
        assert details["num_classes"] == config.energy.num_classes
    label_dims = config.energy.label_dims
    assert label_dims is None or len(details["label_names"]) == label_dims


def test_labels_of_other_numbers_than_the_network_takes_are_refused(data_dir, tmp_path):
    config = small("dsprites_position")
    examples = str(tmp_path / "examples")
    fewer = dataclasses.replace(config.ingest, label_names=("x",))
    ingest.run(data_dir("dsprites"), examples, fewer, 0)
    with pytest.raises(ValueError, match="`energy.label_dims` must be 1, the numbers"):
        train.run(examples, str(tmp_path / "model"), config, 0, "one")
