import numpy as np
import pytest

from ebm_tf.plots import annealing


def test_bounds_are_drawn_where_they_are():
    bound = {"form": "at_most", "value": 5.0, "half_width": None}
    interval = {"form": "interval", "value": 4.0, "half_width": 0.2}
    low = [interval | {"value": value} for value in (1.0, 3.0)]
    sides = {"high": [bound, interval], "low": low}
    figure = annealing.log_likelihood_bounds([10, 100], sides)
    [axes] = figure.axes
    lines = [container.lines[0].get_ydata() for container in axes.containers]
    assert [values.tolist() for values in lines] == [[5.0, 4.0], [1.0, 3.0]]
    # A bound has an arrow, not a bar to both sides.
    assert [container.lines[1] != () for container in axes.containers] == [True, True]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["10", "100"]
    with pytest.raises(ValueError, match=r"`sides.high` must be of 3 runs"):
        annealing.log_likelihood_bounds([1, 2, 3], sides)


def test_a_path_has_a_line_for_each_class_in_both_panels():
    figure = annealing.annealing_path(np.full([3, 5], 0.5), np.full([3, 5], 0.8))
    upper, lower = figure.axes
    assert len(upper.lines) == len(lower.lines) == 3
    np.testing.assert_allclose(lower.lines[0].get_xdata(), [0.2, 0.4, 0.6, 0.8, 1.0])
    np.testing.assert_allclose(lower.lines[0].get_ydata(), 0.8)
    with pytest.raises(ValueError, match="`ess_share`"):
        annealing.annealing_path(np.ones([1, 5]), np.ones([1, 4]))


def test_a_scan_shows_its_top_and_the_choice():
    betas = np.geomspace(1.0, 1e6, 7)
    values = np.array([0.0, 10.0, 50.0, 90.0, 100.0, -1e4, -1e6])
    second = np.geomspace(1e3, 1e5, 3), np.array([85.0, 95.0, 90.0])
    scans = {"uniform": (betas, values), "base": second}
    figure = annealing.temperature_scan(scans, 1e4)
    [axes] = figure.axes
    assert axes.get_ylim() == pytest.approx((-10.0, 110.0))  # not down to -1e6
    np.testing.assert_allclose(axes.lines[1].get_ydata(), second[1])
    np.testing.assert_allclose(axes.lines[2].get_xdata(), 1e4)
    assert len(figure.legends) == 1
    with pytest.raises(ValueError, match="`scans.base` must be two of"):
        annealing.temperature_scan(scans | {"base": (betas, values[:3])}, 1e4)
