"""Charts: what is drawn is what was given, and every axis says its unit."""

import io

import numpy as np
import pytest
from PIL import Image

from ebm_tf.plots import charts, style


def _texts(figure):
    legends = [text.get_text() for box in figure.legends for text in box.get_texts()]
    axes = figure.axes[0]
    return legends, axes.get_xlabel(), axes.get_ylabel()


def _areas(axes):
    """Area under each histogram: of a density, 1."""
    areas = []
    for patch in axes.patches:
        x, y = patch.get_xy().T
        areas.append(abs(np.sum((x[1:] - x[:-1]) * (y[1:] + y[:-1]) / 2)))
    return areas


def test_relative_energies_are_minus_the_mean_of_the_reference():
    sets = {"train": np.array([4.0, 6.0]), "samples": np.array([7.0, 7.0, 7.0])}
    figure = charts.energy_histograms(sets, "train")
    legends, x_label, y_label = _texts(figure)
    assert legends == ["train: mean 0, n = 2", "samples: mean +2, n = 3"]
    assert x_label == "energy minus the mean over train (nats)"
    assert y_label == "density (1 / nat)"
    low, high = figure.axes[0].get_xlim()
    assert low < -1 and 2 < high < 3
    np.testing.assert_allclose(_areas(figure.axes[0]), [1, 1])


def test_an_energy_far_out_does_not_stretch_the_axis_and_is_counted():
    rng = np.random.default_rng(0)
    sets = {"train": rng.normal(size=1000), "samples": rng.normal(size=1000)}
    sets["samples"][:3] = 1e6
    figure = charts.energy_histograms(sets, "train")
    assert figure.axes[0].get_xlim()[1] < 10
    assert _texts(figure)[0][1].endswith("n = 1,000 (3 outside)")
    np.testing.assert_allclose(_areas(figure.axes[0]), [1, 1])


def test_energies_that_are_all_the_same_are_drawn():
    figure = charts.energy_histograms({"train": np.full(5, -3.0)}, "train")
    low, high = figure.axes[0].get_xlim()
    assert low < 0 < high


@pytest.mark.parametrize(
    "sets, message",
    [
        ({"test": np.ones(2)}, "`reference` must be one of test"),
        ({"train": np.ones(0)}, "`energies.train` must be non-empty"),
        ({"train": np.array([1, np.nan])}, "`energies.train` must be .* finite"),
    ],
)
def test_energies_that_cannot_be_drawn_are_refused(sets, message):
    with pytest.raises(ValueError, match=message):
        charts.energy_histograms(sets, "train")


def test_curves_draw_every_point():
    x = np.arange(4)
    figure = charts.curves({"gap": (x, x**2), "loss": (x, -x)}, "update", "nats")
    assert _texts(figure) == (["gap", "loss"], "update", "nats")
    lines = figure.axes[0].get_lines()
    np.testing.assert_array_equal(lines[0].get_ydata(), [0, 1, 4, 9])
    np.testing.assert_array_equal(lines[1].get_ydata(), [0, -1, -2, -3])


def test_curves_of_nothing_or_of_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="`series` must be non-empty"):
        charts.curves({}, "", "")
    with pytest.raises(ValueError, match="`series.gap` must be as many x as y"):
        charts.curves({"gap": (np.arange(3), np.arange(2))}, "", "")


def test_class_shares_are_the_heights_of_the_bars():
    shares = {"samples": [0.5, 0.25, 0.25], "test": [0.2, 0.3, 0.5]}
    figure = charts.class_shares(shares, ["a", "b", "c"])
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights == shares["samples"] + shares["test"]
    names = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert names == ["a", "b", "c"]
    assert {"samples", "test"} < set(_texts(figure)[0])


def test_class_shares_of_another_number_of_classes_are_refused():
    with pytest.raises(ValueError, match="`shares.samples` must be one share for each"):
        charts.class_shares({"samples": [0.5, 0.5]}, ["a", "b", "c"])


def test_a_figure_becomes_the_same_png_every_time_and_leaves_no_settings():
    import matplotlib

    before = dict(matplotlib.rcParams)
    files = []
    for _ in range(2):
        figure = charts.curves({"gap": ([0, 1], [0, 1])}, "update", "gap (nats)")
        files.append(io.BytesIO())
        style.save(figure, files[-1])
    assert files[0].getvalue() == files[1].getvalue()
    assert Image.open(files[0]).size == (1120, 640)
    assert dict(matplotlib.rcParams) == before


def test_distances_say_their_median_and_unit():
    sets = {"test": np.array([4.0, 5.0, 9.0]), "samples": np.array([6.0, 7.5])}
    figure = charts.distance_histograms(sets, "test")
    legends, x_label, y_label = _texts(figure)
    assert legends == ["test: median 5, n = 3", "samples: median 6.75, n = 2"]
    assert x_label == "L2 distance to the nearest training image (pixels)"
    assert y_label == "density (1 / pixel)"
    np.testing.assert_allclose(_areas(figure.axes[0]), [1, 1])


def test_bars_on_a_logarithmic_axis_say_their_numbers():
    series = {"training": [10_555.0, 48.0], "samples": [0.02, 3.0]}
    figure = charts.log_bars(series, ["here", "paper"], "hours")
    [axes] = figure.axes
    assert axes.get_yscale() == "log" and axes.get_ylabel() == "hours"
    texts = [each.get_text() for each in axes.texts]
    assert texts == ["10,555", "48", "0.02", "3"]
    with pytest.raises(ValueError, match="`series.samples` must be one positive numb"):
        charts.log_bars({"samples": [0.0, 1.0]}, ["here", "paper"], "hours")
