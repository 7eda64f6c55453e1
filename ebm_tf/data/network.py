"""Whether a download can work, found out in seconds and without TensorFlow.

TFDS retries for minutes where there is no network.
"""

import os
import socket
import threading
import urllib.parse
import urllib.request

from ebm_tf import checks

_CONNECT_SECONDS = 3.0


def tfds_folder() -> str:
    """Returns the folder where TFDS keeps what it prepared, unless told otherwise."""
    folder = os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
    return os.path.expanduser(folder)


def require_reachable(url: str, name: str, file_names: str) -> None:
    """Raises unless a connection towards `url` opens.

    Args:
        url: Where TFDS downloads from.
        name: What TFDS calls the data set.
        file_names: The published files, in words, or "".

    Raises:
        ValueError: If not: says what else there is.
    """
    if not is_reachable(url, _CONNECT_SECONDS):
        name, host = name.split("/")[0], urllib.parse.urlsplit(url).hostname
        raise checks.InvalidValueError(
            f"TFDS cannot download {name}: no connection to {host}. "
            + advice(name, file_names)
        )


def advice(name: str, file_names: str) -> str:
    """Returns what to do where TFDS cannot get a data set, in words."""
    wanted = file_names or f"{name} prepared by TFDS elsewhere"
    return (
        f"Get {wanted} and name their folder with --data_dir, "
        "or take --dataset=digits, which needs no download"
    )


def is_reachable(url: str, timeout: float) -> bool:
    """Returns whether a connection towards `url` opens within `timeout` seconds.

    Towards the proxy, if the environment names one for it.
    """
    parts = urllib.parse.urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if proxy and not urllib.request.proxy_bypass(parts.hostname):
        parts = urllib.parse.urlsplit(proxy if "//" in proxy else f"//{proxy}")
    port = parts.port or {"https": 443}.get(parts.scheme, 80)
    answers = []

    def connect():
        try:
            socket.create_connection((parts.hostname, port), timeout).close()
            answers.append(True)
        except OSError:
            pass

    # A thread, as looking up a name takes as long as it likes.
    thread = threading.Thread(target=connect, daemon=True)
    thread.start()
    thread.join(timeout)
    return bool(answers)
