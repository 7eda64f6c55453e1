"""Whole numbers that the clients of an exported model must not send."""

from benchmarks.bad_input.trial import Trial

_BEYOND = (2**31, 2**32 + 5, 2**63, 10**30, -(2**31) - 1, -(2**63))


def _call(name: str, value):
    def call(folder):
        from examples import serving_client

        # Nothing listens there: it must not come to that.
        serving_client.infer("http://127.0.0.1:9", "sample", **{name: value})

    return call


TRIALS = tuple(
    Trial(
        name=f"{name}={shown}",
        call=_call(name, shown),
        says=(f"`{name}` must fit an int32", str(value)),
    )
    for name in ("num", "num_steps", "seed", "labels")
    for value in _BEYOND
    for shown in ([0, value] if name in ("seed", "labels") else value,)
)
