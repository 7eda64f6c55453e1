"""Digests of code: of what a stage imports, and of nothing else."""

import pathlib

import pytest

from pipeline.store import code_digest

EVALUATE = "pipeline/stages/evaluate"
SOURCES = {
    "pipeline/stages/train.py": "from ebm_tf import net\n",
    "pipeline/stages/sample/sample.py": "from ebm_tf import chain\n",
    "pipeline/stages/evaluate/report.py": "",
    "pipeline/stages/evaluate/evaluate.py": "def run():\n    from . import report\n",
    "ebm_tf/net.py": '"""A net."""\nfrom ebm_tf import layer\n',
    "ebm_tf/layer.py": "WIDTH = 3\n",
    "ebm_tf/chain.py": "from ebm_tf.net import x\n",
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
        return {kind: code_digest.digest(kind) for kind in [*STAGES, "things"]}

    def changed(path, text):
        before = read()
        (tmp_path / path).write_text(text)
        after = read()
        (tmp_path / path).write_text(SOURCES[path])
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
        ("ebm_tf/layer.py", "# Wide.\n\nWIDTH = 3  # wide\n", set()),
        ("ebm_tf/net.py", '"""Nets."""\n\nfrom ebm_tf import layer\n', set()),
    ],
)
def test_digest_covers_what_the_stage_imports(digests, path, text, kinds):
    assert digests(path, text) == kinds


def test_the_stages_of_this_project_are_known_by_what_they_make():
    files = code_digest._files()
    assert pathlib.Path(code_digest.__file__) == files["pipeline.store.code_digest"]
    for kind in ("examples", "model", "samples", "evaluation", "export", "likelihood"):
        stage = code_digest._STAGE_OF.get(kind, kind)
        assert f"pipeline.stages.{stage}" in files
    train = code_digest.closure("pipeline.stages.train", files)
    assert {"ebm_tf.training.step", "ebm_tf.energy.networks"} <= train
    network = code_digest.closure("ebm_tf.energy.networks.resnet", files)
    assert {"ebm_tf.energy.resnet", "ebm_tf.energy.attention"} <= network
    assert (
        not {
            "pipeline.stages.sample.sample",
            "ebm_tf.metrics.ranking",
            "pipeline.console.cli",
        }
        & train
    )
    assert code_digest.digest("model") != code_digest.digest("samples")
