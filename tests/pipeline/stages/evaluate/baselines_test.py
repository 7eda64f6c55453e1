"""The stage `baselines`, on 8x8 pictures of three classes."""

import json
import pathlib

import jinja2
import numpy as np
import pytest

from ebm_tf import box
from ebm_tf.likelihood import replicates, reported
from ebm_tf.likelihood.baselines import BASELINES, log_probs
from pipeline.stages.evaluate import baselines, likelihood, report
from pipeline.store import artifacts
from tests import small_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    examples = small_run.make_examples(folder)
    made = baselines.run(examples, str(folder / "baselines"), 0)
    return artifacts.peek(examples, "examples"), made, folder


def test_every_density_has_a_row_of_all_test_images_and_of_noised_ones(run):
    found = baselines.table(run[1])
    counts = small_run.NUM_EXAMPLES
    assert (found["num_train"], found["num_test"]) == (counts["train"], counts["test"])
    assert {row["name"] for row in found["rows"]} == set(BASELINES)
    values = [row["validation"] for row in found["rows"]]
    assert values == sorted(values, reverse=True)
    assert found["rows"][0]["from_first"] is None
    for row in found["rows"]:
        bits = 8.0 - row["mean"]["value"] / 64 / np.log(2.0)
        assert row["mean"]["bits"]["value"] == pytest.approx(bits)
    assert [part["sigma"] for part in found["noised"]] == [0.001, 0.01, 0.05, 0.3]
    for part in found["noised"]:
        assert len(part["rows"]) == 4
        for row in part["rows"]:
            assert "bits" not in row["mean"]
            assert row["mean"]["value"] < part["at_most"]


def test_it_is_made_once(run, capsys):
    examples, made, folder = run
    again = baselines.run(examples.path, str(folder / "baselines"), 0)
    assert again.digest == made.digest
    assert "is there already" in capsys.readouterr().out


def test_densities_come_back_from_the_disk(run):
    examples, made, _ = run
    space = box.of_details(examples.details)
    x = likelihood.test_images(examples, small_run.LIKELIHOOD, 0)
    found = baselines.densities(made, space, x.shape[1:])
    rows = baselines.table(made)["rows"]
    assert [one.name for one in found] == [row["name"] for row in rows]
    for one in found:
        assert np.all(np.isfinite(log_probs(one.density, x)))


def test_a_model_is_compared_image_by_image(run, tmp_path):
    examples, made, _ = run
    space = box.of_details(examples.details)
    x = likelihood.test_images(examples, small_run.LIKELIHOOD, 0)
    best = baselines.densities(made, space, x.shape[1:])[0]
    values = log_probs(best.density, x)
    # Likelihoods as the stage writes them, of a model 2 nats above the best density.
    ais = replicates.log_likelihood(-values[None] - 3.0, [[replicates.run_of([0, 0])]])
    row = {"counts": True, "split": "test", "ais": reported.to_dict(ais)}
    model = str(tmp_path / "likelihood")
    with artifacts.writing(model, "likelihood", {}, {}, seed=0) as scratch:
        folder = pathlib.Path(scratch.folder)
        np.savez(folder / "images.npz", **{"raise": np.stack(2 * [values + 2.0])})
        (folder / "likelihood.json").write_text(json.dumps({"rows": [row]}))
    measured = artifacts.peek(model, "likelihood")
    found = baselines.compared(made, measured, examples, small_run.LIKELIHOOD, 0)
    assert found["best"] == best.title and found["num_images"] == len(x)
    assert found["raise"]["value"] == pytest.approx(2.0, abs=1e-9)
    assert found["ais"]["form"] == "at_most"
    assert found["ais"]["value"] == pytest.approx(3.0 + np.log(20.0), abs=1e-6)
    assert found["rows"][0]["mean"]["value"] == pytest.approx(values.mean())
    text = _rendered(found)
    for row in (*found["rows"], *found["all"]["noised"][3]["rows"]):
        assert row["title"] in text and row["mean"]["text"] in text
    assert f"<strong>{found['raise']['text']}</strong>" in text
    assert found["ais"]["text"] in text and found["best"] in text
    head, _, first, *others = baselines.markdown(found)
    assert head.count("|") == 6 and len(others) == len(found["rows"]) - 1
    assert best.title in first and found["rows"][0]["mean"]["text"] in first


def _rendered(found: dict) -> str:
    """Returns the part of the report that shows the densities."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(pathlib.Path(baselines.__file__).parent),
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"number": report.number, "count": report.count}
    template = environment.get_template("templates/baselines.html")
    return " ".join(template.render(found={"baselines": found}).split())
