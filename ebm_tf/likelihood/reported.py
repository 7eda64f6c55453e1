"""What may be printed of an estimate, and the one place that prints it.

Three forms, each at 95 %; `replicates.py` says when which one is right:

  interval  a number and how far to both sides the truth may lie;
  at_most   an upper bound alone;
  at_least  a lower bound alone.
"""

import math
from typing import NamedTuple

from ebm_tf.likelihood import estimate

LEVEL = 0.95
FORMS = ("interval", "at_most", "at_least")
FLIPPED = {"interval": "interval", "at_most": "at_least", "at_least": "at_most"}


class Reported(NamedTuple):
    """A number with all that may be said of it; `text` is how it is printed.

    Attributes:
        form: One of `FORMS`.
        value: The middle of the interval, or the bound, nats.
        half_width: Of the interval, nats; None of a bound.
        error: Standard error that the interval is made of, nats; None of a bound.
        delta_error: The delta method's standard error, nats, beside an interval; None
            where there is none.
        point: The estimate itself, nats, with no claim.
        spread: Standard deviation of the estimate over runs, nats; None of one run.
        ess: Mean over runs of the effective sample size, the least of the classes';
            None where there is none: with resampling, and over images.
        num_ancestors: Least number of distinct first ancestors of a run; None without
            resampling.
        num_runs: Independent runs.
        num_chains: Forward chains of each run, or images of a mean over images.
        num_tried: Settings that were tried and chosen from, this one among them.
    """

    form: str
    value: float
    half_width: float | None
    error: float | None
    delta_error: float | None
    point: float
    spread: float | None
    ess: float | None
    num_ancestors: int | None
    num_runs: int
    num_chains: int
    num_tried: int


def text(found: Reported, decimals: int = 1) -> str:
    """Returns an estimate as it is printed, everywhere.

    "1,905.31 ± 0.42", "at most 1,908.4" or "at least 1,899.9", each with "(95 %)". A
    half-width has two digits that count; bounds are rounded outwards.

    Args:
        found: What is known.
        decimals: Of a bound; an interval has those of its half-width.
    """
    level = f"({100 * LEVEL:.0f} %)"
    if found.form == "interval":
        width = found.half_width
        places = 3 if width <= 0 else max(0, 1 - math.floor(math.log10(width)))
        return f"{found.value:,.{places}f} ± {width:,.{places}f} {level}"
    unit = 10.0**decimals
    outwards = math.ceil if found.form == "at_most" else math.floor
    limit = outwards(found.value * unit) / unit
    return f"{found.form.replace('_', ' ')} {limit:,.{decimals}f} {level}"


def in_bits(found: Reported, num_dims: int, bin_width: float) -> Reported:
    """Returns a log-likelihood in bits per dimension, where lower is likelier.

    Args:
        found: Nats per datum; a bound changes its side.
        num_dims: As of `estimate.bits_per_dim`.
        bin_width: Likewise.
    """

    def bits(nats):
        return estimate.bits_per_dim(nats, num_dims, bin_width)

    def scaled(width):
        return None if width is None else width / (num_dims * math.log(2.0))

    return found._replace(
        form=FLIPPED[found.form],
        value=bits(found.value),
        point=bits(found.point),
        half_width=scaled(found.half_width),
        error=scaled(found.error),
        delta_error=scaled(found.delta_error),
        spread=scaled(found.spread),
    )


def to_dict(
    found: Reported, num_dims: int | None = None, bin_width: float | None = None
) -> dict:
    """Returns an estimate as JSON holds it: its fields, and how it is printed.

    Args:
        found: Nats.
        num_dims: Of a datum stored in bins; with it, bits per dimension are told too.
        bin_width: As of `in_bits`.
    """
    values = found._asdict() | {"text": text(found)}
    if num_dims is not None:
        bits = in_bits(found, num_dims, bin_width)
        values["bits"] = {"value": bits.value, "text": text(bits, decimals=3)}
    return values


def differ(first: Reported, second: Reported, num_errors: float = 3.0) -> bool | None:
    """Returns whether two estimates are further apart than chance allows.

    Args:
        first: An estimate.
        second: Another, of other runs.
        num_errors: How many standard errors of the difference.

    Returns:
        None if one of them is a bound, of which no difference is known.
    """
    if first.error is None or second.error is None:
        return None
    error = math.hypot(first.error, second.error)
    return abs(first.value - second.value) > num_errors * error
