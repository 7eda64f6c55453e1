import numpy as np

from ebm_tf.likelihood import merge
from ebm_tf.likelihood.annealing import AisResult


def run_of(path: np.ndarray, x: np.ndarray) -> AisResult:
    """The run whose chains have the log weights `path`, `[K, N]`, on the way."""
    w = np.exp(path)
    return AisResult(
        log_weights=path[-1],
        x=x,
        log_mean=np.log(w.mean(axis=1)),
        ess=w.sum(axis=1) ** 2 / np.sum(w**2, axis=1),
        accept_prob=np.abs(path).mean(axis=1),
        ancestors=np.arange(len(x)),
        squared_cv=np.zeros(len(x)),
    )


def test_runs_of_some_chains_are_the_run_of_all():
    random = np.random.default_rng(0)
    path, x = random.normal(0.0, 2.0, [4, 10]), random.normal(size=[10, 3])
    parts = [slice(0, 3), slice(3, 4), slice(4, 10)]
    merged = merge.merge_chains([run_of(path[:, rows], x[rows]) for rows in parts])
    for got, expected in zip(merged, run_of(path, x), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_weights_far_below_float64_merge():
    path = np.full([1, 4], -5000.0)
    ends = np.array([0, 0, 1, 3]), np.full(4, 2.0)
    told = path[:, 0], np.array([4.0]), np.array([1.0])
    merged = merge.merge_chains([AisResult(path[0], path[0], *told, *ends)] * 2)
    np.testing.assert_allclose([merged.log_mean[0], merged.ess[0]], [-5000.0, 8.0])
    # Ancestors of one run are not those of another.
    np.testing.assert_array_equal(merged.ancestors, [0, 0, 1, 3, 4, 4, 5, 7])
    np.testing.assert_array_equal(merged.squared_cv, np.full(8, 2.0))


def test_segments_join_along_the_path_and_the_last_run_counts():
    random = np.random.default_rng(0)
    path, x = random.normal(size=[5, 6]), random.normal(size=[6, 2])
    low, high = run_of(path[:2], 0.0 * x), run_of(path[2:], x)
    joined = merge.join_segments([low, high], high)
    for got, expected in zip(joined, run_of(path, x), strict=True):
        np.testing.assert_allclose(got, expected)
    np.testing.assert_array_equal(merge.join_segments([low, high], low).x, 0.0 * x)
