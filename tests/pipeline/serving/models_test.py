"""The queue and the time that a request has are bounded."""

import concurrent.futures

from tests.pipeline.serving import conftest
from tests.pipeline.serving.conftest import DRAW, GOOD


def test_the_queue_and_the_time_are_bounded(loaded):
    holding = conftest.serving(loaded, starts=False, max_queue=2, deadline=0.5)
    with holding as held, concurrent.futures.ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(held.ask, "POST", DRAW, GOOD) for _ in range(2)]
        conftest.until(lambda: len(held.thread._jobs) == 2)
        status, content, headers = held.ask("POST", DRAW, GOOD)
        late = [each.result() for each in waiting]
    assert status == 429 and headers["Retry-After"] == "1"
    assert content == {"error": "2 requests wait already: ask again later"}
    assert [each[0] for each in late] == [504, 504]
    assert late[0][1] == {"error": "there was no answer within 0.5 seconds"}
