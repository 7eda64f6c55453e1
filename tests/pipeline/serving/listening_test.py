"""A port that is taken and a host that is none are refused by one line."""

import pytest

from pipeline.serving import listening


def test_a_free_port_is_bound_and_a_taken_one_refused():
    with listening.bound_socket("127.0.0.1", 0) as bound:
        bound.listen()
        port = bound.getsockname()[1]
        assert port > 0
        with pytest.raises(ValueError, match="`--port` must be free on 127.0.0.1"):
            listening.bound_socket("127.0.0.1", port)


def test_a_host_that_is_none_is_refused():
    with pytest.raises(ValueError, match="`--host` must be an address of this machine"):
        listening.bound_socket("no.such.host.invalid", 0)
