"""When a run has failed, and with which settings it is tried again, without TensorFlow.

[1] Du and Mordatch, 2019, appendix A.12: training goes on "until the sampler is unable
    to generate effective samples (when energies of proposal samples are much larger
    than energies of data points)"; "to extend training, the number of sampling steps
    to generate a negative sample can be increased".
"""

import collections
import dataclasses
import json
import math
import statistics

from ebm_tf import checks, json_files, settings
from ebm_tf.training.config import RecoveryConfig, TrainConfig


@dataclasses.dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run is: what a checkpoint says beside its arrays.

    Attributes:
        update: Updates done.
        retry: How many times the run went back, 0 before the first failure.
        since: The update from which the present retry began.
        reason: Why the attempt before it failed; "" before the first failure.
        recent: What the `Watch` remembers.
        sums: Of the logged values since they were last shown, by name.
        num_summed: Updates that are in `sums`.
    """

    update: int = 0
    retry: int = 0
    since: int = 0
    reason: str = ""
    recent: tuple[dict, ...] = ()
    sums: dict[str, float] = dataclasses.field(default_factory=dict)
    num_summed: int = 0

    def to_json(self) -> str:
        """Returns what `from_json` turns back; floats survive to the bit."""
        return json.dumps(dataclasses.asdict(self))

    @staticmethod
    def from_json(text: str) -> "Progress":
        """Returns the progress that `to_json` wrote.

        Raises:
            TypeError, ValueError: If it is another text.
        """
        fields = json_files.parse_object(text, "the progress of a checkpoint")
        return settings.from_dict(Progress, fields, "progress")


class Watch:
    """Looks for failures in the logs of a run, update by update.

    A value that is not finite is a failure at once, a mean over the last `window`
    updates beyond its bound as soon as there are so many. What the logs do not have,
    as there are objectives without chains, is not watched.

    Args:
        config: The bounds; None watches for values that are not finite alone.
        recent: `recent` of another watch, whose values this one goes on with.
    """

    def __init__(self, config: RecoveryConfig | None, recent: tuple[dict, ...] = ()):
        self._bounds = {}
        if config is not None:
            self._bounds = {
                "gap": ("max_gap", config.max_gap),
                "gradient_norm": ("max_gradient_norm", config.max_gradient_norm),
                "saturated_share": ("max_saturated_share", config.max_saturated_share),
                "movement": ("min_movement", config.min_movement),
            }
        self._window = config.window if config else 1
        self._recent = collections.deque(recent, maxlen=self._window)

    @property
    def recent(self) -> tuple[dict, ...]:
        """The watched values of the last updates, for a checkpoint."""
        return tuple(self._recent)

    def check(self, logs: dict) -> str | None:
        """Returns in a few words why the run has failed, or None.

        Args:
            logs: Of the update that was just made; floats by name, and arrays,
                which are not looked at.
        """
        for name, value in logs.items():
            if isinstance(value, float) and not math.isfinite(value):
                return f"`{name}` is {value}"
        bounds = {n: b for n, b in self._bounds.items() if b[1] is not None}
        self._recent.append({name: logs[name] for name in bounds if name in logs})
        if len(self._recent) < self._window:
            return None
        for name, (field, bound) in bounds.items():
            values = [past[name] for past in self._recent if name in past]
            if values and _is_beyond(field, statistics.fmean(values), bound):
                mean = statistics.fmean(values)
                return f"`{name}` is {mean:.4g}, beyond {field}={bound:g},"
        return None


def _is_beyond(field: str, mean: float, bound: float) -> bool:
    return mean < bound if field.startswith("min_") else abs(mean) > bound


def retried(config: TrainConfig, retry: int) -> TrainConfig:
    """Returns the settings of a run's retry number `retry`, 0 for the first attempt."""
    if retry == 0:
        return config
    policy, rates = config.recovery, config.optimizer
    factor = policy.learning_rate_factor**retry
    rates = dataclasses.replace(
        rates,
        learning_rate=rates.learning_rate * factor,
        final_learning_rate=rates.final_learning_rate * factor,
    )
    objective = config.objective.retried(policy, retry)
    return dataclasses.replace(config, objective=objective, optimizer=rates)


def require_retries(config: TrainConfig) -> None:
    """Raises ValueError if the last retry has numbers that nothing can compute with."""
    if config.recovery is None:
        return
    last = config.recovery.max_retries
    try:
        retried(config, last)
    except (checks.InvalidValueError, OverflowError) as error:
        rule = f"such that the settings of retry {last} can be used ({error})"
        checks.require(False, "recovery.max_retries", rule, last)


def describe(progress: Progress, config: TrainConfig) -> str:
    """Returns one line about the retry that `progress` is in, settings `config`."""
    rate = f"learning rate {config.optimizer.learning_rate:g}"
    changed = ", ".join(filter(None, (config.objective.summary, rate)))
    return (
        f"{progress.reason}: retry {progress.retry} of {config.recovery.max_retries} "
        f"goes on from update {progress.since} with {changed}"
    )
