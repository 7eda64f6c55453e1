"""What the report shows of log-likelihoods, from numbers made by hand."""

import json

import numpy as np
import pytest

from pipeline.stages.evaluate import likelihood_figures


def row_of(num, split, ais, raise_):
    interval = {"form": "interval", "half_width": 0.5, "num_chains": 40}
    bound = interval | {"form": "at_least", "half_width": None}
    return {
        "num_temperatures": num,
        "num_leapfrog": 4,
        "from": "base",
        "counts": num == 20,
        "split": split,
        "ais": interval | {"value": ais},
        "raise": bound | {"value": raise_},
    }


@pytest.fixture
def folder(tmp_path):
    rows = [
        row_of(10, "test", 9.0, 1.0),
        row_of(20, "test", 7.0, 3.0),
        row_of(20, "train", 8.0, 4.0),
    ]
    metrics = {"beta": 100.0, "rows": rows, "scans": {}}
    (tmp_path / "likelihood.json").write_text(json.dumps(metrics))
    path = {"ess": np.full([1, 20], 10.0), "accept_prob": np.ones([1, 20])}
    np.savez(tmp_path / "path.npz", **path)
    ends = np.random.default_rng(0).integers(0, 256, [1, 20, 8, 8, 1])
    np.save(tmp_path / "ends.npy", ends.astype(np.uint8))
    return tmp_path


def test_bounds_are_those_of_test_images(folder):
    found = likelihood_figures.result_of(str(folder))
    [axes] = found.figures["likelihood_bounds"].axes
    ais, raise_ = (container.lines[0] for container in axes.containers)
    assert ais.get_ydata().tolist() == [9.0, 7.0]
    assert raise_.get_ydata().tolist() == [1.0, 3.0]
    assert found.metrics["beta"] == 100.0


def test_effective_sample_size_is_a_share_of_the_chains(folder):
    upper, _ = likelihood_figures.result_of(str(folder)).figures["likelihood_path"].axes
    np.testing.assert_allclose(upper.lines[0].get_ydata(), 0.25)  # 10 of 40


def test_a_scan_is_shown_where_there_was_one(folder):
    assert "likelihood_scan" not in likelihood_figures.result_of(str(folder)).figures
    betas = np.geomspace(1.0, 1e4, 5)
    np.savez(folder / "scan_uniform.npz", betas=betas, log_likelihood=np.arange(5.0))
    metrics = json.loads((folder / "likelihood.json").read_text())
    metrics["scans"] = {"uniform": {}}
    (folder / "likelihood.json").write_text(json.dumps(metrics))
    assert "likelihood_scan" in likelihood_figures.result_of(str(folder)).figures
