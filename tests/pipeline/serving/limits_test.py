"""Bodies that are too large, clients that are slow or have gone."""

import socket

from tests.pipeline.serving import conftest
from tests.pipeline.serving.conftest import DRAW, GOOD


def test_headers_of_extensions_change_nothing(served):
    headers = {"Inference-Header-Content-Length": "5", "ce-id": "1", "ce-type": "x"}
    assert served.ask("POST", DRAW, GOOD, headers)[0] == 200


def say(port, text):
    """Sends text to the server; returns all that comes back until it hangs up."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(text.encode())
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()


def head(length):
    lines = f"POST {DRAW} HTTP/1.1", "Host: here", f"Content-Length: {length}"
    return "\r\n".join([*lines, "", ""])


def test_a_gigabyte_is_refused_before_it_is_sent(served):
    assert say(served.port, head(10**9)).startswith("HTTP/1.1 413")
    chunked = head(0).replace("Content-Length: 0", "Transfer-Encoding: chunked")
    sent = f"{conftest.MAX_BYTES:x}\r\n{' ' * conftest.MAX_BYTES}\r\n1\r\n \r\n"
    assert say(served.port, chunked + sent).startswith("HTTP/1.1 413")


def test_slow_clients_are_given_up(loaded):
    with conftest.serving(loaded, starts=False, read_seconds=0.1) as made:
        # A body shorter than its length says.
        reply = say(made.port, head(100) + "{}")
        assert reply.startswith("HTTP/1.1 408") and '{"error": "the body was' in reply
        assert say(made.port, "POST / HTTP/1.1\r\nHost: h") == ""
        assert say(made.port, "") == ""


def test_who_has_hung_up_is_not_worked_for(loaded):
    gone = conftest.answers("gone")
    with conftest.serving(loaded, starts=False) as held:
        body = str(GOOD).replace("'", '"')
        with socket.create_connection(("127.0.0.1", held.port)) as connection:
            connection.sendall((head(len(body)) + body).encode())
            conftest.until(lambda: held.thread._jobs)
        conftest.until(lambda: conftest.answers("gone") > gone)
        assert all(job.future.cancelled() for job in held.thread._jobs)
        held.thread.start()
        assert held.ask("POST", DRAW, GOOD)[0] == 200
        assert not held.thread._jobs
