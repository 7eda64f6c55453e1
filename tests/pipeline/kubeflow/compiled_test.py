"""The command `compile`, and what it writes, run by `kfp.local`."""

import contextlib
import io
import os
import pathlib
import shutil
import sys

import pytest
import yaml
from kfp import components, local
from kfp.dsl.types.type_utils import InconsistentTypeException

import ebm_tf
import pipeline
from pipeline.commands import compile as compile_command
from pipeline.kubeflow import compiled, dag
from pipeline.store import artifacts
from tests.pipeline import made_files

pytestmark = pytest.mark.shard_group("whole_run")

IMAGE = "--image=some/image:1"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("compiled") / "pipeline.yaml"
    compile_command.main([IMAGE, f"--output={path}", "--set=num_updates=7"])
    return str(path)


def test_the_settings_are_the_default(written):
    with open(written) as file:
        parameters = yaml.safe_load(file)["root"]["inputDefinitions"]["parameters"]
    assert '"num_updates": 7' in parameters["settings"]["defaultValue"]
    assert components.load_component_from_file(written).name == dag.NAME


@pytest.mark.parametrize(
    "args, text",
    [
        ([], "`--image` must be the name of a container image"),
        *(
            ([f"--image={name}"], "`--image` must be a name that a registry takes")
            for name in (
                *("Ebm", "a b", "a/", "/a", "a::b", "a:", "-a", "a___b", "http://x/y"),
                *("b\u00fccher", "a@sha256:12", "a" * 256, "a:" + "b" * 129, "a/../b"),
            )
        ),
        ([IMAGE, "--output=x.txt"], "`--output` must be a .yaml file"),
        ([IMAGE, "--output=/no/such/x.yaml"], "the folder of --output does not exist"),
        ([IMAGE, "--output={}/x.yaml", "--memory=lots"], "`memory` must be what KFP"),
        ([IMAGE, "--accelerator_count=0"], "`--accelerator_count` must be at least 1"),
        ([IMAGE, "--set=num_updates=0"], "`train.num_updates` must be"),
    ],
)
def test_bad_request_is_one_line_and_writes_nothing(ended, tmp_path, args, text):
    args = [word.format(tmp_path) for word in args]
    code, out, err = ended(compile_command.main, *args)
    assert (code, out) == (2, "") and text in err and err.count("\n") == 1
    assert os.listdir(tmp_path) == []


def test_a_text_that_kfp_cannot_read_is_refused():
    with pytest.raises(ValueError, match="KFP refuses the pipeline"):
        compiled.to_yaml(dag.define("image", '{\n"a": {},\n "b": 1}'))


def _run(path, folder, **parameters):
    """Runs the YAML as a user of KFP does, quietly."""
    runner = local.SubprocessRunner(use_venv=False)
    local.init(runner=runner, pipeline_root=str(folder))
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        task = components.load_component_from_file(path)(**parameters)
    return task, text.getvalue()


@pytest.fixture
def importing(monkeypatch, tmp_path):
    """A container image whose Python imports what this one does."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    return tmp_path


def test_the_yaml_runs_and_finds_what_the_command_made(whole_run, importing):
    folder, flags = whole_run
    path = str(importing / "pipeline.yaml")
    settings = [flag for flag in flags if not flag.startswith(("--data_dir", "--out"))]
    compile_command.main(["--image=python", f"--output={path}", *settings])
    before = artifacts.peek(str(folder / "model"), "model")
    _, text = _run(path, importing / "kfp", run_folder=str(folder))
    assert text.count("is there already, made by this request") == 5
    assert artifacts.peek(str(folder / "model"), "model") == before


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """A container image that has the project as the wheel installs it."""
    site, ignored = tmp_path / "site", shutil.ignore_patterns("__pycache__")
    for package, name in ((ebm_tf, "ebm_tf"), (pipeline, "ebm_tf/pipeline")):
        source = pathlib.Path(package.__file__).parent
        shutil.copytree(source, site / name, ignore=ignored)
    own = {pathlib.Path(m.__file__).parents[1] for m in (ebm_tf, pipeline)}
    others = [p for p in sys.path if p and pathlib.Path(p).resolve() not in own]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), *others]))
    monkeypatch.chdir(tmp_path)  # where there is no folder `pipeline`
    return tmp_path


def test_the_yaml_makes_what_the_command_made(whole_run, installed):
    """Each stage in a process of its own, artifacts where KFP wants them."""
    folder, flags = whole_run
    path = str(installed / "pipeline.yaml")
    settings = [flag for flag in flags if not flag.startswith(("--data_dir", "--out"))]
    compile_command.main(["--image=python", f"--output={path}", *settings])
    [data_dir] = [f.partition("=")[2] for f in flags if f.startswith("--data_dir")]
    _, text = _run(path, installed / "kfp", data_dir=data_dir)
    assert text.count(": wrote ") == 5, text
    made = {
        note.parent.name: made_files.of_artifact(note.parent)
        for note in (installed / "kfp").rglob("manifest.json")
    }
    assert len(made) == 5
    made["export"] = made.pop("saved_model")
    for name, found in made.items():
        assert found == made_files.of_artifact(folder / name)
    [page] = (installed / "kfp").rglob("report")
    assert "<html" in page.read_text()


def test_a_parameter_of_the_wrong_type_is_refused(written, importing):
    with pytest.raises(InconsistentTypeException, match="'seed'.*NUMBER_INTEGER"):
        _run(written, importing / "kfp", seed="seven")
