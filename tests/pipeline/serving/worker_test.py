"""Requests that are put together, and those that wait."""

import concurrent.futures

import numpy as np

from tests.pipeline.serving import conftest
from tests.pipeline.serving.conftest import DRAW, GOOD, LABELS, SEEDS, drawn, request


def test_an_image_is_the_same_whoever_asks_beside(served):
    _, alone, _ = served.ask("POST", DRAW, GOOD)
    images = drawn(alone)
    assert images.shape == (2, 8, 8, 1) and np.abs(images[0] - images[1]).max() > 0.05
    many = [
        request(
            seeds=[[n, k] for k in range(n % 4)] + [SEEDS[0]],
            labels=[n % 3] * (n % 4) + [LABELS[0]],
            num_steps=3 + n % 2,
        )
        for n in range(24)
    ]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda one: served.ask("POST", DRAW, one), many))
    assert [status for status, *_ in replies] == [200] * len(many)
    for number, (_, reply, _) in enumerate(replies):
        if number % 2 == 0:
            np.testing.assert_array_equal(drawn(reply)[-1], images[0])
    # More images than a batch holds are drawn in several.
    seeds = [SEEDS[0]] * (2 * conftest.BATCH + 1)
    body = request(seeds=seeds, labels=[LABELS[0]] * len(seeds), num_steps=3)
    _, reply, _ = served.ask("POST", DRAW, body)
    np.testing.assert_array_equal(drawn(reply), images[:1].repeat(len(seeds), axis=0))


def test_a_bad_request_does_not_spoil_the_batch_it_is_in(loaded):
    bad = request(seeds=SEEDS, labels=[0, 3], num_steps=3)
    holding = conftest.serving(loaded, starts=False)
    with holding as held, concurrent.futures.ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(held.ask, "POST", DRAW, b) for b in (GOOD, bad, GOOD)]
        # All three wait before the model takes its first batch.
        conftest.until(lambda: len(held.thread._jobs) == 3)
        held.thread.start()
        one, other, two = (each.result() for each in asked)
    assert (one[0], other[0], two[0]) == (200, 400, 200)
    assert other[1] == {"error": "`labels` must be 0 to 2. Received: labels=[0 3]"}
    np.testing.assert_array_equal(drawn(one[1]), drawn(two[1]))
