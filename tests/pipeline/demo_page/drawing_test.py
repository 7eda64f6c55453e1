"""Pictures, charts and landscapes as a browser gets them."""

import re

import numpy as np

from pipeline.demo_page import drawing


def test_landscapes_and_charts():
    land = np.add.outer(np.arange(4.0), np.arange(4.0))
    low, high = drawing.shown_range(land)
    assert low == 0.0 and 3.0 <= high < 6.0
    assert drawing.shown_range(np.full((2, 2), np.nan)) == (0.0, 0.0)
    corners = np.float32([[0, 0], [1, 2], [5, 5]])  # the last one is out of sight
    text = drawing.particles(corners, np.zeros(2), np.float32([2, 2]))
    assert re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', text) == [
        ("0.00", "100.00"),
        ("50.00", "0.00"),
    ]
    made = drawing.energy_chart([0, 5], np.ones((2, 40)), at=5, num_steps=9)
    assert len(made["series"]) == 17 and made["xAxis"]["max"] == 9
    assert made["series"][-1]["data"] == [[0, 1.0], [5, 1.0]]
