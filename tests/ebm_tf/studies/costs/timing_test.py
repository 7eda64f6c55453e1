"""Seconds by clocks whose moments are given."""

from ebm_tf.studies.costs import timing


def test_the_first_call_is_not_timed_and_the_median_of_others_is_taken():
    moments = iter([10.0, 11.0, 14.0, 15.5])  # after the call that is not timed
    cpu, calls = iter([5.0, 11.0]), []
    took = timing.timed(
        lambda: calls.append(1), 3, lambda: next(moments), lambda: next(cpu)
    )
    assert len(calls) == 4
    assert took == timing.Took(seconds=1.5, cpu_seconds=2.0)
    assert took.hours(7200) == {"hours": 3.0, "cpu_hours": 4.0}
