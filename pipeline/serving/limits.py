"""What stands between clients and the server: bounds on bodies, on time, on number.

A body is read whole before anything else sees it, within a bound and a time; who hangs
up meanwhile, or while the answer is made, is no longer worked for.
"""

import asyncio
import json

import prometheus_client
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Until a client has said all headers, or all of a body.
READ_SECONDS = 20

ANSWERS = prometheus_client.Counter(
    "ebm_answers", "Answers to requests that are no GET, by status.", ["status"]
)


class Bounds:
    """Middleware (ASGI) around the server's application.

    Args:
        app: The application.
        max_bytes: Of a body.
        max_open: Requests that are read or answered at a time.
        read_seconds: Until a body must be there.
    """

    def __init__(
        self, app, max_bytes: int, max_open: int, read_seconds: float = READ_SECONDS
    ):
        self._app, self._max_bytes, self._max_open = app, max_bytes, max_open
        self.read_seconds, self._num_open = read_seconds, 0

    async def __call__(self, scope, receive, send):
        """Answers a request; those that have no body go right through."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return

        async def counted(message):
            if message["type"] == "http.response.start":
                ANSWERS.labels(status=message["status"]).inc()
            await send(message)

        if self._num_open >= self._max_open:
            text = f"{self._max_open} requests are open already: ask again later"
            await _refuse(counted, 429, text)
            return
        self._num_open += 1
        try:
            await self._answer(scope, receive, counted)
        finally:
            self._num_open -= 1

    async def _answer(self, scope, receive, send) -> None:
        headers = dict(scope["headers"])
        kind = headers.get(b"content-type", b"application/json").partition(b";")[0]
        length = headers.get(b"content-length", b"0")
        if kind.strip().lower() != b"application/json":
            await _refuse(send, 415, "the body must be application/json")
            return
        try:
            if length.isdigit() and int(length) > self._max_bytes:
                raise _TooLarge
            async with asyncio.timeout(self.read_seconds):
                body = await self._read(receive)
        except _TooLarge:
            text = f"the body must be at most {self._max_bytes} bytes"
            await _refuse(send, 413, text)
            return
        except TimeoutError:
            text = f"the body was not there within {self.read_seconds} seconds"
            await _refuse(send, 408, text)
            return
        if body is not None:
            scope = scope | {"headers": _as_json(scope["headers"])}
            await self._run(scope, body, receive, send)

    async def _read(self, receive) -> bytes | None:
        """Returns the body, None if the client has gone."""
        parts, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            part, more = message.get("body", b""), message.get("more_body", False)
            parts.append(part)
            size += len(part)
            if size > self._max_bytes:
                raise _TooLarge
        return b"".join(parts)

    async def _run(self, scope, body: bytes, receive, send) -> None:
        """Runs the application until it has answered, or the client has gone."""
        given = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def replay():
            return next(given, {"type": "http.disconnect"})

        answer = asyncio.ensure_future(self._app(scope, replay, send))
        gone = asyncio.ensure_future(receive())
        try:
            await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            if not answer.done():
                answer.cancel()
        try:
            await answer
        except asyncio.CancelledError:
            ANSWERS.labels(status="gone").inc()


class _TooLarge(Exception):
    pass


def _as_json(headers) -> list:
    """Returns headers of a JSON request, without extensions of the protocol."""
    dropped = (b"content-type", b"inference-header-content-length")
    kept = [
        (name, value)
        for name, value in headers
        if name not in dropped and not name.startswith(b"ce-")
    ]
    return [*kept, (b"content-type", b"application/json")]


async def _refuse(send, status: int, text: str) -> None:
    """Answers, and ends the connection: what is left of the body is not read."""
    content = json.dumps({"error": text}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(content)).encode()),
        (b"connection", b"close"),
    ]
    start = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": content})


class PatientProtocol(HttpToolsProtocol):
    """A connection to `Bounds`, closed where headers are not there in time."""

    _timer = None

    def connection_made(self, transport):
        """Begins to wait for a request."""
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc):
        """Ends the wait."""
        self._unwatch()
        super().connection_lost(exc)

    def data_received(self, data):
        """Waits for the rest of a request that has begun."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._watch()

    def on_headers_complete(self):
        """Ends the wait: the rest is up to `Bounds`."""
        self._unwatch()
        super().on_headers_complete()

    def _watch(self):
        if self._timer is None:
            seconds = self.config.app.read_seconds
            self._timer = self.loop.call_later(seconds, self.transport.close)

    def _unwatch(self):
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
