"""Replacing holds within its block; what it does is in artifacts_test."""

import pytest

from pipeline.store import replacement


def test_it_holds_within_the_block_alone():
    assert not replacement.is_on()
    with pytest.raises(ZeroDivisionError), replacement.on():
        assert replacement.is_on()
        with replacement.on(False):
            assert not replacement.is_on()
        assert replacement.is_on()
        raise ZeroDivisionError
    assert not replacement.is_on()
