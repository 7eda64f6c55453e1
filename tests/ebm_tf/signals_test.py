"""Signals are noted once, and act at the second time."""

import os
import signal
import threading

import pytest

from ebm_tf import signals


@pytest.fixture(autouse=True)
def ctrl_c_interrupts():
    """As in a terminal: what a shell starts in the background ignores Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_signal_is_noted_and_the_next_one_acts():
    with pytest.raises(KeyboardInterrupt), signals.deferred() as stop:
        assert stop.signum is None
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.signum == signal.SIGINT
        os.kill(os.getpid(), signal.SIGINT)


def test_handlers_are_put_back():
    before = signal.getsignal(signal.SIGTERM)
    with signals.deferred():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_another_thread_goes_on_without_handlers():
    seen = []

    def work():
        with signals.deferred() as stop:
            seen.append(stop.signum)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [None]


def test_an_immediate_signal_has_no_handler():
    def handler(number, frame):
        raise AssertionError("ran")

    before = signal.signal(signal.SIGTERM, handler)
    try:
        with signals.immediate():
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.signal(signal.SIGTERM, before)


def test_what_nothing_acted_on_acts_at_the_end():
    with pytest.raises(KeyboardInterrupt), signals.deferred():
        os.kill(os.getpid(), signal.SIGINT)
        reached = True
    assert reached


def test_an_error_of_the_block_is_the_error():
    with pytest.raises(KeyError), signals.deferred():
        os.kill(os.getpid(), signal.SIGINT)
        raise KeyError
