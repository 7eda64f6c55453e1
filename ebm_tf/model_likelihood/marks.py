"""What a reader must know beside the numbers: which were not settled, what was checked.

A row is marked where its effective sample size is below 50 (with resampling: where
too few first ancestors are left), where log Z-hat spreads by more than 0.5 nats over
runs, and where twice the temperatures, twice the leapfrog steps or a second base move
one of its sides by more than 3 standard errors of the difference. For RAISE that
difference is taken image by image.
"""

from collections.abc import Mapping

from ebm_tf.likelihood import estimate, replicates, reported
from ebm_tf.likelihood.bounds import Bounds
from ebm_tf.likelihood.config import LikelihoodConfig
from ebm_tf.model_likelihood.likelihood_run import Row

MIN_ANCESTORS = 10
NUM_ERRORS = 3.0


def of_rows(found: Mapping[Row, Bounds]) -> dict[str, list[str]]:
    """Returns what is to be said of each row, by its name: nothing, if all is well.

    Args:
        found: Bounds of test images, of each row.
    """
    marks = {row.name: _of_chains(one) for row, one in found.items()}
    [main] = (row for row in found if row.counts)
    for row in found:
        for what in _moved(main, row, found):
            marks[main.name].append(what)
    return marks


def _of_chains(found: Bounds) -> list[str]:
    ais, marks = found.ais, []
    if ais.ess is not None and ais.ess < estimate.MIN_ESS:
        marks.append(f"effective sample size {ais.ess:.3g}, below {estimate.MIN_ESS:g}")
    if ais.num_ancestors is not None and ais.num_ancestors < MIN_ANCESTORS:
        marks.append(f"{ais.num_ancestors} first ancestors are left")
    spread = ais.spread or 0.0
    if spread > replicates.MAX_SPREAD:
        marks.append(f"log Z-hat spreads by {spread:.2g} nats over runs")
    return marks


def _moved(main: Row, other: Row, found: Mapping[Row, Bounds]) -> list[str]:
    what = {
        (2 * main.num_temperatures, main.num_leapfrog, main.base): "temperatures",
        (main.num_temperatures, 2 * main.num_leapfrog, main.base): "leapfrog steps",
    }.get((other.num_temperatures, other.num_leapfrog, other.base))
    if other.base != main.base:
        what = "second base"
    if what is None:
        return []
    by = "the second base" if what == "second base" else f"twice the {what}"
    here, there = found[main], found[other]
    moved = []
    if reported.differ(here.ais, there.ais, NUM_ERRORS):
        change = there.ais.value - here.ais.value
        moved.append(f"{by} moves AIS by {change:+.3g} nats")
    difference = replicates.mean_over_images(there.densities - here.densities)
    if abs(difference.value) > NUM_ERRORS * difference.error:
        moved.append(f"{by} moves RAISE by {difference.value:+.3g} nats")
    return moved


def checks_done(config: LikelihoodConfig) -> dict[str, bool]:
    """Returns which checks were made of what an effective sample size cannot see.

    Exact samples exist of targets whose density is known; of a trained energy there
    are none.
    """
    return {
        "doubling": config.doubling,
        "second_base": config.second_base is not None,
        "exact_samples": False,
    }
