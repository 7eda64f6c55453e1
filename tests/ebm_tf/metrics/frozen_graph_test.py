"""Frozen graphs, on a small one with the names of the Inception graph of 2015."""

import numpy as np
import pytest

from ebm_tf.metrics import frozen_graph
from tests.ebm_tf.metrics import small_inception


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("graph") / "graph.pb"
    small_inception.write(path)
    return path


def test_features_and_probabilities_are_numpys(path):
    colours = np.random.default_rng(1).integers(0, 256, [5, 8, 8, 3])
    found = frozen_graph.load(path)(colours.astype(np.float32))
    for part, expected in zip(found, small_inception.expected(colours), strict=True):
        assert part.shape == expected.shape
        np.testing.assert_allclose(part, expected, rtol=1e-3, atol=1e-5)


def test_images_of_any_size_are_resized_by_the_graph(path):
    found = frozen_graph.load(path)(np.full([2, 30, 20, 3], 200.0, np.float32))
    features, _ = small_inception.expected(np.full([2, 8, 8, 3], 200.0))
    np.testing.assert_allclose(found[0], features, rtol=1e-3, atol=1e-5)


def test_a_graph_that_reads_files_is_refused(tmp_path):
    small_inception.write(tmp_path / "graph.pb", last="ReadFile")
    with pytest.raises(ValueError, match="it runs .*ReadFile"):
        frozen_graph.load(tmp_path / "graph.pb")


def test_a_graph_of_another_width_is_refused(tmp_path):
    small_inception.write(tmp_path / "graph.pb", width=64)
    with pytest.raises(ValueError, match=r"graph.pb holds no Inception .* 64\)"):
        frozen_graph.load(tmp_path / "graph.pb")


@pytest.mark.parametrize("keep", [0, 10, 1000, -1])
def test_a_graph_that_is_cut_or_none_is_refused(keep, path, tmp_path):
    (tmp_path / "cut.pb").write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match="cut.pb holds no Inception graph") as caught:
        frozen_graph.load(tmp_path / "cut.pb")
    assert "\n" not in str(caught.value)
    with pytest.raises(FileNotFoundError):
        frozen_graph.load(tmp_path / "none.pb")
