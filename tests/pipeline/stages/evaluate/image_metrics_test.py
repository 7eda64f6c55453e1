"""The task "image_metrics" of `evaluate`, by features of three numbers."""

import dataclasses
import json
import pathlib

import numpy as np
import pytest

from ebm_tf import json_files
from ebm_tf.data.shards import Examples
from ebm_tf.metrics import frechet, kernel_distance
from ebm_tf.metrics.features.classifier import ClassifierFeatures
from ebm_tf.metrics.features.efficientnet_lite0 import EfficientNetLite0Features
from ebm_tf.metrics.features.inception_2015 import Inception2015Features
from pipeline.commands import evaluate as evaluate_command
from pipeline.settings.config import GatesConfig
from pipeline.stages.evaluate import evaluate, report
from pipeline.store import artifacts, lineage
from tests import small_run
from tests.pipeline.stages.evaluate import image_features

NAMES = [
    *("frechet", "kernel", "precision", "recall", "density", "coverage"),
    "inception_score",
]


def run(paths, out, config):
    return evaluate.run(**paths, out=str(out), config=config, seed=0, strategy="one")


def metrics_of(made) -> dict:
    return json_files.read_json(made.file("metrics.json"))["image_metrics"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A small run with its evaluation, the classifier's features beside ours."""
    folder = tmp_path_factory.mktemp("run")
    paths = small_run.make(folder)
    config = image_features.evaluate_config(
        image_features.QuartersFeatures(),
        ClassifierFeatures(),
        measures=image_features.measures("kernel", "neighbourhoods"),
        tasks=("energies", "image_metrics"),
    )
    return folder, paths, run(paths, folder / "evaluation", config)


def test_every_number_has_the_name_of_its_features(made):
    folder, _, evaluation = made
    found = metrics_of(evaluation)
    names = [row["name"] for row in found["rows"]]
    five = ("kernel", "precision", "recall", "density", "coverage")
    assert names == [f"{n}_{kind}" for kind in ("quarters", "classifier") for n in five]
    # Of 90 training images, 30 of test and 18 samples.
    assert found["num_images"] == 18
    assert found["features"]["quarters"] == {
        "width": 3,
        "num_train": 90,
        "told": "quarters of 8 rows",
    }
    assert evaluation.details["tasks"] == ["energies", "image_metrics"]
    # The classifier was made for its features; its own task was not asked for.
    assert (folder / "classifier").exists()
    assert not (folder / "evaluation" / "classes.png").exists()


def test_numbers_are_those_of_the_functions(tmp_path):
    paths = small_run.make(tmp_path)
    config = image_features.evaluate_config(num_images=15)
    found = metrics_of(run(paths, tmp_path / "evaluation", config))
    assert [row["name"] for row in found["rows"]] == [f"{n}_quarters" for n in NAMES]
    rows = {row["name"]: row for row in found["rows"]}
    samples = np.load(pathlib.Path(paths["samples"], "samples.npy"))[:15]
    judged = image_features.quarters(samples)
    train = Examples(str(tmp_path / "examples" / "train"))
    drawn = np.random.default_rng(0).permutation(90)
    of_train = image_features.quarters(train.gather(drawn)[0]).features
    expected = frechet.frechet_distance(
        frechet.gaussian([of_train]), frechet.gaussian([judged.features])
    )
    value = rows["frechet_quarters"]["samples"]["value"]
    assert value == pytest.approx(expected, rel=1e-4)
    kernel = kernel_distance.kernel_distance(of_train[:15], judged.features, 3)
    found = rows["kernel_quarters"]["samples"]
    assert (found["value"], found["standard_error"]) == pytest.approx(kernel, abs=1e-6)
    assert rows["kernel_quarters"]["test"]["value"] != found["value"]


def test_test_images_stand_beside_at_the_same_number(tmp_path):
    # As samples the very test images: both columns tell the same.
    examples = small_run.make_examples(tmp_path)
    model = small_run.make_model(tmp_path, examples, False)
    test = Examples(str(tmp_path / "examples" / "test"))
    drawn = np.random.default_rng(0).permutation(30)
    samples = small_run.make_samples(tmp_path, model, test.gather(drawn)[0])
    paths = {"model": model, "samples": samples, "examples": examples}
    config = image_features.evaluate_config()
    for row in metrics_of(run(paths, tmp_path / "evaluation", config))["rows"]:
        assert row["samples"] == row["test"]


def test_other_samples_take_the_same_features_of_the_data(made, tmp_path, capsys):
    folder, paths, evaluation = made
    before = artifacts.peek(str(folder / "features_quarters"), "features")
    model = paths["model"]
    images, _ = small_run.pictures(12, seed=7)
    other = small_run.make_samples(tmp_path, model, images)
    config = image_features.evaluate_config(
        measures=image_features.measures("kernel"),
    )
    found = run(paths | {"samples": other}, folder / "evaluation_2", config)
    assert "features_quarters is there already" in capsys.readouterr().out
    assert found.details["features_quarters"] == before.digest
    assert evaluation.details["features_quarters"] == before.digest
    assert metrics_of(found)["num_images"] == 12


def test_lineage_knows_the_features(made):
    _, _, evaluation = made
    names = {node.name for node in lineage.trace(evaluation.path).parents}
    assert {"features_quarters", "features_classifier"} <= names


def test_report_and_board_have_every_number(made):
    _, _, evaluation = made
    found = metrics_of(evaluation)
    text = pathlib.Path(evaluation.file("report.html")).read_text(encoding="utf-8")
    for row in found["rows"]:
        assert f"<th>{row['name']}</th>" in text
        assert report.number(row["samples"]["value"]) in text
        assert report.number(row["test"]["value"]) in text
    assert "quarters of 8 rows" in text and "<th>features_quarters</th>" in text
    whole = json_files.read_json(evaluation.file("metrics.json"))
    curves = dict(evaluate.scalars(whole))
    assert curves["kernel_quarters/samples"] == found["rows"][0]["samples"]["value"]


def test_gates_look_at_the_numbers(tmp_path):
    paths = small_run.make(tmp_path)
    gates = GatesConfig(
        max_image_metrics={"frechet_quarters": 1e-9, "kernel_quarters": 10.0},
        min_image_metrics={"precision_quarters": 0.1, "recall_thirds": 0.0},
    )
    config = dataclasses.replace(image_features.evaluate_config(), gates=gates)
    found = run(paths, tmp_path / "evaluation", config)
    passed = {gate["name"]: gate["passed"] for gate in found.details["gates"]}
    assert passed == {
        "frechet_quarters": False,
        "kernel_quarters": True,
        "precision_quarters": True,
        "recall_thirds": False,  # not measured
    }


def test_features_of_classes_are_left_out_where_there_are_none(tmp_path, capsys):
    examples = small_run.make_examples(tmp_path, classes=False)
    model = small_run.make_model(tmp_path, examples, conditional=False)
    samples = small_run.make_samples(tmp_path, model, small_run.pictures(18, 5)[0])
    paths = {"model": model, "samples": samples, "examples": examples}
    config = image_features.evaluate_config(ClassifierFeatures())
    found = run(paths, tmp_path / "evaluation", config)
    assert "left out the features classifier: the examples" in capsys.readouterr().out
    assert found.details["tasks"] == []
    assert not (tmp_path / "classifier").exists()


def test_samples_that_are_all_one_have_numbers_and_a_line(tmp_path, capsys):
    examples = small_run.make_examples(tmp_path)
    model = small_run.make_model(tmp_path, examples, conditional=False)
    images = np.repeat(small_run.pictures(1, 5)[0], 18, axis=0)
    samples = small_run.make_samples(tmp_path, model, images)
    paths = {"model": model, "samples": samples, "examples": examples}
    config = image_features.evaluate_config()
    found = metrics_of(run(paths, tmp_path / "evaluation", config))
    assert "evaluate: all 18 samples have the same quarters" in capsys.readouterr().out
    rows = {row["name"]: row for row in found["rows"]}
    for name in ("frechet", "kernel"):
        row = rows[f"{name}_quarters"]
        assert row["samples"]["value"] > row["test"]["value"]
    assert rows["coverage_quarters"]["samples"]["value"] < 0.3


def refused(tmp_path, ended, block: dict, num_samples: int = 18) -> str:
    """Runs the command on a small run; returns the line that refuses it."""
    examples = small_run.make_examples(tmp_path)
    model = small_run.make_model(tmp_path, examples, conditional=False)
    images = small_run.pictures(num_samples, 5)[0]
    small_run.make_samples(tmp_path, model, images)
    code, _, err = ended(
        evaluate_command.main,
        f"--out={tmp_path}",
        "--tasks=image_metrics",
        f"--set=evaluate.image_metrics={json.dumps(block)}",
    )
    assert code == 2 and not (tmp_path / "evaluation_image_metrics").exists()
    assert not list(tmp_path.glob("*.partial"))
    [line] = [each for each in err.splitlines() if each.startswith("evaluate: ")]
    return line


def block(features: dict, **measures) -> dict:
    return {"num_images": 1000, "features": features, "measures": measures}


def test_too_few_images_are_one_line(tmp_path, ended):
    line = refused(tmp_path, ended, block({"classifier": {}}, frechet={}))
    assert "`sample.num_samples` must be above 128, the width of the features" in line
    assert line.endswith("Received: num_samples=18")
    assert not (tmp_path / "classifier").exists()  # said before it is trained


def test_a_weights_file_that_is_cut_is_one_line(tmp_path, ended):
    (tmp_path / "cut.pth").write_bytes(b"cut")
    path = str(tmp_path / "cut.pth")
    features = {EfficientNetLite0Features.kind: {"path": path}}
    line = refused(tmp_path, ended, block(features, kernel={"num_blocks": 2}))
    assert "must be the weights of efficientnet_lite0, of 579344248a93... as" in line


def test_weights_that_are_nowhere_are_one_line(tmp_path, ended):
    path = str(tmp_path / "none.pb")
    features = {Inception2015Features.kind: {"path": path, "sha256": "0" * 64}}
    line = refused(tmp_path, ended, block(features, kernel={"num_blocks": 2}))
    text = "the file with the weights of inception_2015 does not exist"
    assert line == f"evaluate: {text}: {path}"


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"num_images": 1}, "`evaluate.image_metrics.num_images` must be at least 2"),
        ({"features": {}}, "`evaluate.image_metrics.features` must be one block or"),
        ({"measures": {}}, "`evaluate.image_metrics.measures` must be one block or"),
        ({"features": {"inception": {}}}, "registered feature, one of classifier, eff"),
        ({"measures": {"kernal": {}}}, "(did you mean kernel?)"),
    ],
)
def test_settings_that_cannot_be_are_one_line(changes, text, tmp_path, ended):
    line = refused(tmp_path, ended, block({"classifier": {}}, kernel={}) | changes)
    assert text in line


def test_the_task_without_its_block_is_one_line(tmp_path, ended):
    small_run.make(tmp_path)
    code, _, err = ended(
        evaluate_command.main,
        f"--out={tmp_path}",
        "--tasks=image_metrics",
        "--set=evaluate.image_metrics=null",
    )
    assert code == 2 and err.count("\n") == 1
    assert "image_metrics` must be a block: the task image_metrics is asked for" in err


def test_samples_in_another_range_are_one_line(tmp_path, ended):
    examples = small_run.make_examples(tmp_path)
    model = small_run.make_model(tmp_path, examples, conditional=False)
    images = small_run.pictures(18, 5)[0].astype(np.float32) / 128.0 - 1.0
    small_run.make_samples(tmp_path, model, images)
    few = block({"classifier": {}}, kernel={"num_blocks": 2})
    code, _, err = ended(
        evaluate_command.main,
        f"--out={tmp_path}",
        "--tasks=image_metrics",
        f"--set=evaluate.image_metrics={json.dumps(few)}",
    )
    assert code == 2
    assert "must be uint8, as the box [0, 1] in 256 levels stores states" in err
    assert not (tmp_path / "evaluation_image_metrics").exists()
