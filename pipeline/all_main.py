"""The command `all`: every stage, from the data set to the exported model."""

from collections.abc import Sequence

from pipeline import flags, making
from pipeline.export_main import FORCE


def main(args: Sequence[str] | None = None) -> None:
    """Runs the command; `args` are the process's own if None."""
    making.run(
        "all",
        "ingests, trains, samples, evaluates, exports: what is there is not made "
        "again, what was made otherwise is replaced.",
        (*flags.of_stage("data_dir", "strategy"), FORCE),
        _all,
        args,
        replaces=True,
    )


def _all(request: flags.Request) -> None:
    flags.require_one_worker(request.values["strategy"])
    # Only now: whoever asks for help or has a typo need not wait for KFP.
    from pipeline import local_run

    values = request.values
    local_run.run(
        request.out,
        request.config,
        request.seed,
        values["data_dir"],
        values["strategy"],
        values["force"],
    )


if __name__ == "__main__":
    main()
