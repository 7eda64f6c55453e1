"""A signal exits with its number, and nothing on the way keeps it or drops it."""

import os
import signal
import sys
import threading

import pytest
import tensorflow as tf

from ebm_tf import interruption
from ebm_tf.interruption import Interrupted

SIGNALS = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])


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


def passed_on(come):
    come()


def made_an_error(come):
    try:
        come()
    except BaseException as error:  # as a module in C++ that is being loaded
        raise ImportError("initialization failed") from error


def made_an_error_without_a_cause(come):
    try:
        come()
    except BaseException:
        raise RuntimeError("error") from None


def dropped(come):
    try:
        come()
    except:  # noqa: E722  as there are in Keras and TensorFlow
        pass


def dropped_by_a_finalizer(come):
    class Held:
        def __del__(self):
            come()

    Held()


@SIGNALS
@pytest.mark.parametrize(
    "work",
    [
        passed_on,
        made_an_error,
        made_an_error_without_a_cause,
        dropped,
        dropped_by_a_finalizer,
    ],
)
def test_whatever_is_made_of_it_it_is_kept(number, work, capfd):
    before = [signal.getsignal(n) for n in interruption.STOPS]
    with (
        pytest.raises(Interrupted) as caught,
        interruption.raising(),
        interruption.kept(),
    ):
        work(lambda: os.kill(os.getpid(), number))
    assert caught.value.exit_code == 128 + number
    assert str(caught.value) == interruption.STOPS[number]
    assert [signal.getsignal(n) for n in interruption.STOPS] == before
    assert capfd.readouterr().err == ""  # Python says nothing of what was dropped
    interruption.raise_noted()  # it does not outlive the block


def test_a_dropped_one_is_raised_between_two_steps():
    done = []
    with pytest.raises(Interrupted), interruption.raising():
        for step in range(3):
            interruption.raise_noted()
            done.append(step)
            if step == 1:
                dropped(lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert done == [0, 1]


def test_other_errors_stay_what_they_are(capfd):
    with pytest.raises(KeyError), interruption.raising(), interruption.kept():
        raise KeyError
    hook = sys.unraisablehook
    with interruption.raising(), interruption.kept():
        assert sys.unraisablehook is not hook
    assert sys.unraisablehook is hook


def test_another_thread_handles_none():
    handlers = []

    def work():
        with interruption.raising():
            handlers.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGTERM)]
