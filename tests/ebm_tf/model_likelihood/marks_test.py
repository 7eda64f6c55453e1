"""What is said beside numbers that are not settled."""

import numpy as np

from ebm_tf.likelihood import replicates
from ebm_tf.likelihood.bounds import Bounds
from ebm_tf.model_likelihood import marks
from ebm_tf.model_likelihood.likelihood_run import Row
from tests.likelihood_targets import CONFIG

MAIN = Row(40, 3, "base", True)
LONGER = Row(80, 3, "base", False)
STEPS = Row(40, 6, "base", False)
SECOND = Row(40, 3, "second", False)


def bounds_of(log_z=0.0, densities=0.0, **changes):
    """Five runs whose log Z have a standard error of 0.1, and ten images."""
    fields = {"variance": 1e-4, "ess": 90.0, "num_chains": 100, "num_ancestors": None}
    # Of variance 1, unbiased, before the factor: a standard error of 0.1.
    parts = 0.1 * np.sqrt(5.0) * np.array([-1.2649, -0.6325, 0.0, 0.6325, 1.2649])
    runs = [[replicates.Run(log_z + part, **(fields | changes))] for part in parts]
    images = np.random.default_rng(0).normal(0.0, 10.0, [1, 10])
    noise = np.random.default_rng(int(1e6 * densities) % 97).normal(0.0, 0.3, [5, 10])
    told = images + noise + densities
    ais = replicates.log_likelihood([[0.0]], runs)
    sides = replicates.raise_log_likelihood(told), replicates.mean_over_images(told)
    return Bounds(ais, *sides, None, told)


def test_nothing_is_said_where_all_is_well():
    found = marks.of_rows({MAIN: bounds_of(), LONGER: bounds_of(0.2, 0.1)})
    assert found == {"40-3-base": [], "80-3-base": []}


def test_too_few_effective_chains():
    found = marks.of_rows({MAIN: bounds_of(ess=3.7), LONGER: bounds_of()})
    assert found["40-3-base"] == ["effective sample size 3.7, below 50"]
    assert found["80-3-base"] == []


def test_what_moves_by_more_than_three_errors_of_the_difference():
    # Of log Z, 0.1 each: 3 errors of the difference are 0.42.
    for change, moved in ((0.38, False), (0.5, True)):
        found = marks.of_rows({MAIN: bounds_of(), LONGER: bounds_of(change)})
        words = "twice the temperatures moves AIS by -0.5 nats"
        assert (words in found["40-3-base"]) == moved
    found = marks.of_rows({MAIN: bounds_of(), STEPS: bounds_of(densities=2.0)})
    [words] = found["40-3-base"]
    assert words.startswith("twice the leapfrog steps moves RAISE by +")
    found = marks.of_rows({MAIN: bounds_of(), SECOND: bounds_of(3.0)})
    assert found["40-3-base"] == ["the second base moves AIS by -3 nats"]


def test_rows_of_fewer_temperatures_check_nothing():
    fewer = MAIN._replace(num_temperatures=20, counts=False)
    assert marks.of_rows({fewer: bounds_of(5.0), MAIN: bounds_of()})["40-3-base"] == []


def test_resampled_chains_are_judged_by_ancestors_and_spread():
    left = {"ess": None, "num_ancestors": 4}
    [words] = marks.of_rows({MAIN: bounds_of(**left)})["40-3-base"]
    assert words == "4 first ancestors are left"
    enough = {"ess": None, "num_ancestors": 40}
    assert marks.of_rows({MAIN: bounds_of(**enough)})["40-3-base"] == []


def test_checks_that_were_made():
    done = {"doubling": False, "second_base": False, "exact_samples": False}
    assert marks.checks_done(CONFIG) == done
