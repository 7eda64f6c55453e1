"""Why training stopped before its end; commands exit with `exit_code`."""


class TrainingStopped(Exception):
    """Training ended early; the text is one line for the user."""

    exit_code = 1


class Diverged(TrainingStopped):
    """A logged value is no longer finite."""


class WorkerLost(TrainingStopped):
    """Another worker ended, or cannot be reached; checkpoints are as they were."""
