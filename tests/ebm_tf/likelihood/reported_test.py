import math

import pytest

from ebm_tf.likelihood import reported
from ebm_tf.likelihood.reported import Reported

INTERVAL = Reported(
    form="interval",
    value=1905.3141,
    half_width=0.4162,
    error=0.15,
    delta_error=0.1,
    point=1905.3141,
    spread=0.3,
    ess=90.0,
    num_ancestors=None,
    num_runs=5,
    num_chains=1000,
    num_tried=1,
)
BOUND = INTERVAL._replace(form="at_most", value=1908.31, half_width=None, error=None)


@pytest.mark.parametrize(
    "found, text",
    [
        (INTERVAL, "1,905.31 ± 0.42 (95 %)"),
        (INTERVAL._replace(half_width=26.4), "1,905 ± 26 (95 %)"),
        (INTERVAL._replace(half_width=0.0), "1,905.314 ± 0.000 (95 %)"),
        (BOUND, "at most 1,908.4 (95 %)"),  # outwards
        (BOUND._replace(form="at_least"), "at least 1,908.3 (95 %)"),
        (BOUND._replace(form="at_least", value=-0.01), "at least -0.1 (95 %)"),
    ],
)
def test_text(found, text):
    assert reported.text(found) == text


def test_bits_turn_a_bound_over():
    # 784 ln 2 nats are a bit less a dimension than the 8 of the uniform density.
    nats = BOUND._replace(value=784 * math.log(2.0))
    found = reported.in_bits(nats, 784, 1.0 / 256.0)
    assert found.form == "at_least" and found.value == pytest.approx(7.0)
    assert reported.text(found, 3) in ("at least 7.000 (95 %)", "at least 6.999 (95 %)")
    interval = reported.in_bits(INTERVAL, 784, 1.0 / 256.0)
    assert interval.form == "interval"
    assert interval.half_width == pytest.approx(0.4162 / 784 / math.log(2.0))


def test_json_has_the_fields_and_the_text():
    found = reported.to_dict(BOUND, 784, 1.0 / 256.0)
    assert found["text"] == reported.text(BOUND) and found["value"] == BOUND.value
    bits = reported.in_bits(BOUND, 784, 1.0 / 256.0)
    assert found["bits"] == {"value": bits.value, "text": reported.text(bits, 3)}
    assert "bits" not in reported.to_dict(BOUND)


def test_estimates_differ_by_errors_of_the_difference():
    other = INTERVAL._replace(value=INTERVAL.value + 3.1 * math.hypot(0.15, 0.15))
    assert reported.differ(INTERVAL, other)
    assert not reported.differ(INTERVAL, other, num_errors=3.2)
    assert reported.differ(INTERVAL, BOUND) is None
