"""Digests of code: of what a stage imports, and of nothing else."""

import pathlib

import pytest

from pipeline.settings import presets, sections
from pipeline.store import choices, code_digest

EVALUATE = "pipeline/stages/evaluate"
SOURCES = {
    "pipeline/stages/train.py": "from ebm_tf import net\n",
    "pipeline/stages/sample/sample.py": "from ebm_tf import chain\n",
    "pipeline/stages/evaluate/report.py": "",
    "pipeline/stages/evaluate/evaluate.py": "def run():\n    from . import report\n",
    "ebm_tf/net.py": '"""A net."""\nfrom ebm_tf import layer\n',
    "ebm_tf/layer.py": "WIDTH = 3\n",
    "ebm_tf/chain.py": "from ebm_tf.net import x\n",
    "ebm_tf/choices/small.py": "from . import parts\n",
    "ebm_tf/choices/large.py": "X = 1\n",
    "ebm_tf/choices/parts.py": "Y = 1\n",
    f"{EVALUATE}/templates/page.html": "<p>",
}
STAGES = {"model": "train", "samples": "sample", "evaluation": "evaluate"}


@pytest.fixture
def digests(tmp_path, monkeypatch):
    """Returns `(path, text) -> kinds whose digest changed` on a small tree."""
    monkeypatch.setattr(code_digest, "_LIBRARY", tmp_path / "ebm_tf")
    monkeypatch.setattr(code_digest, "_PIPELINE", tmp_path / "pipeline")
    for path, text in SOURCES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    def read():
        code_digest._digest.cache_clear()
        chosen = {"ebm_tf.choices.small": None}
        return {
            kind: code_digest.digest(kind, chosen if kind == "model" else {})
            for kind in [*STAGES, "things"]
        }

    def changed(path, text):
        before = read()
        (tmp_path / path).write_text(text)
        after = read()
        (tmp_path / path).write_text(SOURCES.get(path, ""))
        return {kind for kind in before if before[kind] != after[kind]}

    yield changed
    code_digest._digest.cache_clear()


@pytest.mark.parametrize(
    "path, text, kinds",
    [
        ("ebm_tf/layer.py", "WIDTH = 4\n", {"model", "samples", "things"}),
        ("ebm_tf/chain.py", "from ebm_tf.net import y\n", {"samples", "things"}),
        ("pipeline/stages/train.py", "from ebm_tf import layer\n", {"model", "things"}),
        ("pipeline/stages/evaluate/report.py", "x = 1\n", {"evaluation", "things"}),
        (
            "pipeline/stages/evaluate/templates/page.html",
            "<p>more",
            {"evaluation", "things"},
        ),
        ("ebm_tf/choices/small.py", "from .parts import Y\n", {"model", "things"}),
        ("ebm_tf/choices/parts.py", "Y = 2\n", {"model", "things"}),
        ("ebm_tf/choices/large.py", "X = 2\n", {"things"}),
        ("ebm_tf/choices/added.py", "Z = 1\n", {"things"}),
        ("ebm_tf/layer.py", "# Wide.\n\nWIDTH = 3  # wide\n", set()),
        ("ebm_tf/net.py", '"""Nets."""\n\nfrom ebm_tf import layer\n', set()),
    ],
)
def test_digest_covers_what_the_stage_imports_and_its_settings_choose(
    digests, path, text, kinds
):
    assert digests(path, text) == kinds


def test_of_a_user_module_its_own_file_counts():
    one, other = ({"mine": digest} for digest in ("a", "b"))
    assert code_digest.digest("model", one) == code_digest.digest("model", dict(one))
    assert code_digest.digest("model", one) != code_digest.digest("model", other)
    assert code_digest.digest("model", one) != code_digest.digest("model", {})


def test_the_stages_of_this_project_are_known_by_what_they_make():
    files = code_digest._files()
    assert pathlib.Path(code_digest.__file__) == files["pipeline.store.code_digest"]
    for kind in ("examples", "model", "samples", "evaluation", "export", "likelihood"):
        stage = code_digest._STAGE_OF.get(kind, kind)
        assert f"pipeline.stages.{stage}" in files
    assert code_digest.digest("model", {}) != code_digest.digest("samples", {})


def test_no_choice_is_in_the_code_of_a_stage():
    files = code_digest._files()
    train = code_digest.closure("pipeline.stages.train", files)
    assert {"ebm_tf.training.step", "ebm_tf.energy.networks"} <= train
    others = {"pipeline.stages.sample.sample", "pipeline.console.cli", "ebm_tf"}
    assert not others & train
    for package in (
        "ebm_tf.energy.networks",
        "ebm_tf.objectives.contrastive",
        "ebm_tf.objectives.denoising",
        "ebm_tf.sampling.samplers",
    ):
        chosen = {name for name in files if name.startswith(package + ".")}
        # A user's Keras model is wrapped by what builds every network.
        assert chosen & train <= {"ebm_tf.energy.networks.custom"}


def test_the_settings_choose_code(choices_of_preset):
    chosen = choices_of_preset("cifar10_conditional")
    assert chosen["energy"] == "ebm_tf.energy.networks.resnet"
    assert chosen["train.objective"].startswith("ebm_tf.objectives.contrastive")
    files = code_digest._files()
    network = code_digest.closure(chosen["energy"], files)
    assert {"ebm_tf.energy.resnet", "ebm_tf.energy.attention"} <= network


@pytest.fixture
def choices_of_preset():
    def read(name):
        config = sections.read(presets.read_preset(name)[1], None)
        return choices.of(config)

    return read
