"""A signal exits with its number, and nothing on the way keeps it."""

import signal

import pytest
import tensorflow as tf

from ebm_tf.interruption import Interrupted


def test_a_signal_exits_with_its_number():
    stopped = Interrupted("stopped after update 3, saved", signal.SIGTERM)
    assert (stopped.exit_code, stopped.signum) == (143, signal.SIGTERM)
    assert Interrupted("", signal.SIGINT).exit_code == 130
    assert str(stopped) == "stopped after update 3, saved"


def test_who_answers_errors_lets_it_pass():
    @tf.function  # AutoGraph makes errors of its own of what it catches
    def interrupted(x):
        if x > 0:
            raise Interrupted("stopped", signal.SIGTERM)
        return x

    with pytest.raises(Interrupted) as caught:
        try:
            interrupted(1)
        except Exception as error:
            raise AssertionError("kept") from error
    assert type(caught.value) is Interrupted
