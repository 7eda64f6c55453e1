"""Exit codes of a run that stopped early."""

import signal

from ebm_tf.training.errors import Diverged, Interrupted, TrainingStopped


def test_a_signal_exits_with_its_number():
    stopped = Interrupted("stopped after update 3, saved", signal.SIGTERM)
    assert isinstance(stopped, TrainingStopped)
    assert (stopped.exit_code, stopped.signum) == (143, signal.SIGTERM)
    assert Interrupted("", signal.SIGINT).exit_code == 130
    assert str(stopped) == "stopped after update 3, saved"


def test_divergence_exits_with_one():
    assert Diverged("`loss` is nan").exit_code == 1
