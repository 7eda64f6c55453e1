"""A gap of energies that is 0 for long is told, once."""

from ebm_tf.training.collapse import FlatGap


def logs(gap, size=-3.0):
    return {"gap": gap, "data_energy": size, "negative_energy": size - gap}


def said(series):
    watch = FlatGap()
    found = [watch.check(each) for each in series]
    return [number for number, text in enumerate(found) if text]


def test_a_gap_of_0_is_told_after_100_updates_and_once():
    assert said([logs(0.0)] * 350) == [99]
    assert said([logs(1e-7)] * 100) == [99]  # what float32 leaves of 0 at -3
    assert said([logs(0.0, size=0.0)] * 100) == [99]


def test_a_gap_that_moves_is_not():
    assert said([logs(0.001)] * 300) == []
    assert said([*[logs(0.0)] * 99, logs(-0.01)] * 3) == []
    assert said([logs(1e-9, size=1e-6)] * 300) == []  # small energies, told apart
    assert said([{"loss": 1.0}] * 300) == []
    assert said([logs(float("nan"), size=float("nan"))] * 300) == []
