"""The page in NiceGUI's simulation of a browser."""

import asyncio
import contextlib

from nicegui import ElementFilter
from nicegui.testing import user_simulation

from pipeline.demo_page import server, watch


@contextlib.contextmanager
def hall_of(subject, thread, **bounds):
    """Yields the hall of a page of a model, or of none."""
    look = watch.Watch("no such folder", None)
    look.load()
    look.found = subject
    bounds = {"max_visitors": 3, "max_work": 100_000} | bounds
    yield server.Hall(look, thread, **bounds)


def simulated(hall, scenario):
    """Runs `scenario(user)` for a visitor of the page."""
    failures = []

    async def run():
        async with user_simulation(lambda: server.visit(hall)) as user:
            await user.open("/")
            try:
                await scenario(user)
            except Exception as error:  # the simulation would never end
                failures.append(error)

    asyncio.run(run())
    for failure in failures:
        raise failure


async def until(condition):
    """Waits for what the page shows."""
    while not condition():
        await asyncio.sleep(0.02)


def only(user, **which):
    """Returns the one element of the page."""
    with user:
        (found,) = ElementFilter(**which)
    return found


def moment(user):
    """Returns what is written under the pictures."""
    return only(user, marker="moment").text
