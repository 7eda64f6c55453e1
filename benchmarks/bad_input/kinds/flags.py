"""Flags: unknown ones, stray words, values of another type, empty ones."""

from benchmarks.bad_input.trial import Trial

_STAGES = ("ingest", "train", "sample", "evaluate", "export")


def _of_every_stage():
    for command in _STAGES:
        yield Trial(
            name=f"{command}: an unknown flag",
            command=command,
            args=("--numbr=3",),
            says=("numbr",),
        )
        yield Trial(
            name=f"{command}: a stray word",
            command=command,
            args=("step_size=10",),
            says=("step_size=10", "--set"),
        )
        yield Trial(
            name=f"{command}: an empty path",
            command=command,
            args=("--out=",),
            says=("--out",),
        )
        yield Trial(
            name=f"{command}: a seed below 0",
            command=command,
            args=("--seed=-1", "--out=run"),
            says=("seed", "-1"),
        )
        yield Trial(
            name=f"{command}: a seed that is no number",
            command=command,
            args=("--seed=one", "--out=run"),
            says=("seed", "one"),
        )


TRIALS = (*_of_every_stage(),)
