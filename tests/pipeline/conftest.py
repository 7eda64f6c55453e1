"""Commands as a user meets them, within the test's process."""

import pytest

from pipeline.commands import all as all_command
from pipeline.commands import export_update as export_update_command
from tests import miniature, small_run


@pytest.fixture
def ended(capfd):
    """Returns `(main, *args) -> (exit code, stdout, stderr)`."""

    def run(main, *args):
        code = 0
        capfd.readouterr()
        try:
            main([str(arg) for arg in args])
        except SystemExit as error:
            code = error.code
        out, err = capfd.readouterr()
        return code, out, err

    return run


@pytest.fixture(scope="session")
def whole_run(tmp_path_factory):
    """A run folder that `all` made of miniature digits, and the flags it was given."""
    published = miniature.write_mnist(tmp_path_factory.mktemp("mnist"), 64, 32)
    folder = tmp_path_factory.mktemp("runs") / "whole"
    settings = (
        *("validation_count=12", "filters=4", "train.batch_size=8"),
        *("train.objective.langevin.num_steps=3", "train.objective.replay.capacity=32"),
        *("preview_steps=2", "train.log_every=2", "train.image_every=4"),
        *("train.checkpoint_every=2", "train.num_updates=4"),
        *("num_samples=6", "sample.batch_size=6", "sample.sampler.num_steps=12"),
        *('tasks=["energies", "neighbours"]', "evaluate.num_shown=3"),
        *("max_energy_gap=null", "min_noise_auroc=null"),
        *("min_confident_share=null", "min_class_share=null"),
    )
    flags = ["--dataset=mnist", *(f"--set={setting}" for setting in settings)]
    flags += [f"--data_dir={published}", f"--out={folder}"]
    all_command.main(flags)
    return folder, flags


@pytest.fixture(scope="session")
def exported_update(tmp_path_factory):
    """A run folder with `examples` and the `update` of 8 updates; by the command."""
    folder = tmp_path_factory.mktemp("update")
    small_run.make_examples(folder)
    settings = {
        "filters": 4,
        "train.num_updates": 8,
        "train.batch_size": 8,
        "train.objective.langevin.num_steps": 2,
        "train.objective.replay.capacity": 16,
        "train.log_every": 2,
        "train.image_every": 20,
        "train.preview_steps": 2,
        "train.checkpoint_every": 4,
    }
    words = [f"--set={name}={value}" for name, value in settings.items()]
    examples = f"--examples={folder}/examples"
    export_update_command.main(
        ["--preset=mnist", *words, examples, "--seed=3", f"--out={folder}"]
    )
    return folder
