"""The server of the page: NiceGUI on uvicorn, nothing from another machine."""

import fastapi
import uvicorn
from nicegui import ui

from . import page
from .session import Session
from .watch import Watch
from .worker import Worker

_SECONDS = 2.0
# For open pages, after the signal that ends the server.
_GRACE = 3
# A visitor whose net was away so long finds everything as it was.
_AWAY = 30.0
# That are kept for a visitor whose net was away; each may hold all pictures.
_MESSAGES = 100
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<path d="M1 3 Q5 19 8 9 T15 3" fill="none" stroke="#d1410c" stroke-width="2"/>'
    "</svg>"
)


class Hall:
    """Who is here, at most so many at a time.

    Args:
        watch: Has the model.
        worker: Runs the chains.
        max_visitors: How many.
        max_work: Chains times gradients of one request.
    """

    def __init__(
        self, watch: Watch, worker: Worker, *, max_visitors: int, max_work: int
    ):
        self._watch, self._worker = watch, worker
        self._max_visitors, self._max_work = max_visitors, max_work
        self._sessions: set[Session] = set()

    @property
    def refusal(self) -> str:
        """Why nobody can come in now, or ""."""
        if self._watch.found is None:
            return self._watch.message
        num = self._max_visitors
        if len(self._sessions) >= num:
            return f"{num} visitors are here, as many as there is room for."
        return ""

    def enter(self) -> Session:
        """Returns the state of a new visitor."""
        session = Session(self._watch.found, self._worker, self._max_work)
        self._sessions.add(session)
        return session

    def leave(self, session: Session) -> None:
        """Ends what runs for a visitor."""
        self._sessions.discard(session)
        session.close()


def visit(hall: Hall) -> None:
    """Makes the page of a new visitor."""
    if hall.refusal:
        page.waiting(hall.refusal)

        def look():
            if not hall.refusal:
                ui.navigate.reload()

        ui.timer(_SECONDS, look)
        return
    session = hall.enter()
    ui.context.client.on_delete(lambda: hall.leave(session))
    page.Page(session)


def make(hall: Hall) -> uvicorn.Server:
    """Returns a server; its `run(sockets=[...])` serves until a signal comes."""
    app = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @ui.page("/")
    def index():
        visit(hall)

    ui.run_with(
        app,
        title="Chains of an energy",
        favicon=_ICON,
        reconnect_timeout=_AWAY,
        message_history_length=_MESSAGES,
        dark=None,  # as the visitor's system says
        tailwind=False,
        show_welcome_message=False,
    )
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE,
    )
    return uvicorn.Server(config)
