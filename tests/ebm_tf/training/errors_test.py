"""Exit codes of a run that stopped early."""

from ebm_tf.training.errors import Diverged, TrainingStopped, WorkerLost


def test_each_reason_exits_with_one():
    for reason in (Diverged, WorkerLost):
        assert isinstance(reason("`loss` is nan"), TrainingStopped)
        assert reason("`loss` is nan").exit_code == 1
