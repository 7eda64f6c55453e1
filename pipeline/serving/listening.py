"""Where a server listens."""

import socket

from ebm_tf import checks

from ..console import cli


def flags(port: int, named: str = "Port") -> tuple[cli.Flag, cli.Flag]:
    """Returns the flags `host` and `port` of a command that listens.

    Args:
        port: Where it listens if nobody says.
        named: What the help calls the port.
    """
    return (
        cli.Flag(
            name="host",
            group="how",
            value="ADDRESS",
            default="127.0.0.1",
            help="Where to listen; 0.0.0.0 is everywhere.",
        ),
        cli.Flag(
            name="port",
            group="how",
            kind="whole",
            value="N",
            default=port,
            high=2**16 - 1,
            help=f"{named}; 0 takes a free one.",
        ),
    )


def bound_socket(host: str, port: int) -> socket.socket:
    """Returns a socket that is bound, and does not listen yet.

    Raises:
        ValueError: If the port is taken.
        OSError: If the host is none of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        if isinstance(error, socket.gaierror):
            checks.require(False, "--host", "an address of this machine", host)
        reason = (error.strerror or str(error)).lower()
        raise checks.InvalidValueError(
            f"`--port` must be free on {host}: {reason}. Received: port={port}"
        ) from error
    return bound


def address(bound: socket.socket) -> str:
    """Returns where a socket is reached, such as "http://127.0.0.1:8080"."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
