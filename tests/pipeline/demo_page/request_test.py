"""What may be asked of a model."""

import dataclasses

import pytest

from pipeline.demo_page.request import require
from tests.pipeline.demo_page.conftest import asked


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"num_chains": 10**9}, "`chains` must be one of 4, 9"),
        ({"seed": -1}, "`seed` must be at least 0"),
        ({"temperature": 0.0}, "`temperature` must be at least 0.001"),
        ({"temperature": float("inf")}, "`temperature` must be finite"),
        ({"label": 3}, "`label` must be at most 2"),
        ({"label": "1"}, "`label` must be a whole number"),
        ({"rule": "and", "label": 1}, "`second` must be one, to be joined"),
        ({"rule": "xor", "label": 1, "second": 2}, "`rule` must be one of"),
        ({"level": 9.0}, "`level` must be at most 2"),
        ({"level": None}, "`level` must be a number"),
    ],
)
def test_requests_that_do_not_fit_are_one_line(levels, changes, line):
    made = dataclasses.replace(asked(levels, "langevin"), **changes)
    with pytest.raises((ValueError, TypeError)) as error:
        require(made, levels, 10**6)
    assert line in str(error.value) and "\n" not in str(error.value)


def test_work_is_bounded(images):
    made = asked(images)
    with pytest.raises(ValueError, match="`steps` must be at most 15 gradients"):
        require(made, images, 15)
    require(made, images, made.num_chains * made.sampler.num_steps)


def test_labels_are_refused_where_there_are_none(points):
    with pytest.raises(ValueError, match="`label` must be None for this model"):
        asked(points, label=1)
